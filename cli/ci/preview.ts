/** The result of `pulumi preview` as data: the changes by resource, and the errors. */
import type { EngineEvent, OpType, Stack } from "@pulumi/pulumi/automation";
import { TRAINING_RUN } from "../../components/training/trainingPlan";
import { previewEvents } from "../stack/previewEvents";
import { POLICY_PACKS } from "../stack/run";
import { dropSalts, refreshIndex } from "../local/checkout";

/** A resource that the update would change. */
export interface ResourceChange {
    readonly op: OpType;
    /** "docker:index/service:Service". */
    readonly type: string;
    readonly name: string;
    /** The types of its parents, outermost first, and its own type. */
    readonly types: readonly string[];
    /** The names of the properties that differ. Their values may be secret. */
    readonly properties: readonly string[];
}

export interface Preview {
    readonly changes: readonly ResourceChange[];
    readonly unchanged: number;
    readonly warnings: readonly string[];
    /** The reasons for the failure; empty after a success. */
    readonly errors: readonly string[];
}

export interface PreviewOptions {
    /** Asks the engine for the present state, and does not trust Pulumi's state. */
    readonly refresh?: boolean;
    /** Replaces Pulumi.<stack>.yaml. */
    readonly configFile?: string;
}

/** Steps of a replacement. Its step `replace` already tells about it. */
const PARTS: ReadonlySet<string> = new Set(["create-replacement", "delete-replaced", "discard-replaced"]);
const SAME: ReadonlySet<string> = new Set(["same", "read", "refresh"]);

/** Previews a stack without printing anything. A failed preview is also a result. */
export async function previewOf(stack: Stack, options: PreviewOptions = {}): Promise<Preview> {
    dropSalts();
    try {
        const { events, failure } = await previewEvents(stack, {
            color: "never",
            suppressProgress: true,
            policyPacks: POLICY_PACKS,
            ...options,
        });
        return readEvents(events, failure === undefined ? [] : [failure]);
    } finally {
        await refreshIndex();
    }
}

/**
 * Reads the engine's events of a preview.
 *
 * @param failures the command's own words. They count only when no event gives a reason
 */
export function readEvents(events: readonly EngineEvent[], failures: readonly string[] = []): Preview {
    const steps = events.flatMap(({ resourcePreEvent }) =>
        resourcePreEvent === undefined ? [] : [resourcePreEvent.metadata],
    );
    const changes = steps
        .filter(({ op, type }) => !SAME.has(op) && !PARTS.has(op) && type !== "pulumi:pulumi:Stack")
        .map(({ op, type, urn, detailedDiff, diffs }) => ({
            op,
            type,
            name: urn.split("::").at(-1) ?? urn,
            types: urn.split("::")[2]?.split("$") ?? [],
            properties: Object.keys(detailedDiff ?? {}).concat(
                detailedDiff === undefined ? (diffs ?? []) : [],
            ),
        }));
    const told = diagnostics(events, "error").concat(policies(events, "mandatory"));
    return {
        changes,
        unchanged: steps.filter(({ op }) => op === "same").length,
        warnings: diagnostics(events, "warning").concat(policies(events, "advisory")),
        errors: told.length > 0 || failures.length === 0 ? told : failures,
    };
}

/**
 * Whether this change only ends the declaration of a training run. The registered model is kept, so nothing
 * that runs changes.
 */
export function isEndOfTraining({ op, types }: Pick<ResourceChange, "op" | "types">): boolean {
    return op === "delete" && types.includes(TRAINING_RUN);
}

function diagnostics(events: readonly EngineEvent[], wanted: string): string[] {
    return events.flatMap(({ diagnosticEvent }) =>
        diagnosticEvent?.severity === wanted ? [clean(diagnosticEvent.message)] : [],
    );
}

function policies(events: readonly EngineEvent[], level: string): string[] {
    return events.flatMap(({ policyEvent }) =>
        policyEvent !== undefined && (policyEvent.enforcementLevel as string) === level
            ? [`policy ${policyEvent.policyName}: ${clean(policyEvent.message)}`]
            : [],
    );
}

/** Removes Pulumi's own marks of colour, and a terminal's. */
function clean(message: string): string {
    return message.replace(/<\{%[^%]*%\}>|\x1b\[[0-9;]*m/g, "").trim();
}
