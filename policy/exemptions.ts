import type { Declared } from "./declared";

/** One value of one component that a policy accepts, and the reason. */
export interface Exemption {
    policy: string;
    /** The type of the component that holds the resource. */
    within: string;
    /** The value that was given, as the policy sees it. */
    given: string;
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
    {
        policy: "host-folders",
        within: "seismic:platform:ScheduledBackups",
        given: "/backups",
        reason: "A backup must outlive the engine's volumes, so backup.folder names a folder of its own for it.",
    },
];

export function isExempt(policy: string, { within }: Declared, given: string): boolean {
    return EXEMPTIONS.some((it) => it.policy === policy && within.includes(it.within) && it.given === given);
}
