import type { Declared } from "./declared";

/** One value of one component that a policy accepts, and the reason. */
export interface Exemption {
    policy: string;
    /** The type of the component that holds the resource. */
    within: string;
    /** The value that was given, as the policy sees it. */
    given: string;
    /** With it, the exemption holds only where this input keeps the value of an earlier program. */
    kept?: string;
    reason: string;
}

/** All exemptions. A unit test refuses an exemption that the program does not need. */
export const EXEMPTIONS: readonly Exemption[] = [
    {
        policy: "no-plain-secrets",
        within: "seismic:platform:TrainingRun",
        given: "RUN_TOKEN",
        reason: "A fencing token: it tells one training run from the next, is a tag in MLflow, and opens nothing.",
    },
    ...["seismic:platform:TrainingRun", "seismic:platform:Retraining"].map((within) => ({
        policy: "memory-limits",
        within,
        given: "nothing",
        reason: "The survey decides the memory that training needs, and a run that is killed costs hours.",
    })),
    ...Object.entries({
        "dropped-capabilities": "capabilities",
        "memory-limits": "memory",
        "read-only-root": "readOnly",
    }).map(([policy, kept]) => ({
        policy,
        within: "seismic:platform:SurveyData",
        given: "nothing",
        kept,
        reason: "An earlier program's writer has ended. Another one would write over a survey that is in use.",
    })),
    {
        policy: "host-folders",
        within: "seismic:platform:ScheduledBackups",
        given: "/backups",
        reason: "A backup must outlive the engine's volumes, so backup.folder names a folder of its own for it.",
    },
];

export function isExempt(policy: string, { within, kept = [] }: Declared, given: string): boolean {
    return EXEMPTIONS.some(
        (it) =>
            it.policy === policy &&
            within.includes(it.within) &&
            it.given === given &&
            (it.kept === undefined || kept.includes(it.kept)),
    );
}
