/** The engine's events of a preview. A preview whose events were not all read has failed. */
import type { EngineEvent, PreviewOptions, Stack } from "@pulumi/pulumi/automation";
import { CommandError } from "@pulumi/pulumi/automation";

export interface PreviewEvents {
    readonly events: readonly EngineEvent[];
    /** Why the preview failed, or which events were not read; undefined after a success. */
    readonly failure: string | undefined;
}

/** A preview changes nothing, so it can be made again. */
const TRIES = 2;

/** The summary counts a read only if it found another value. */
const NOT_COUNTED: ReadonlySet<string> = new Set(["read"]);

/**
 * Previews a stack. The Automation API loses events without an error: on a busy machine it may stop before the end
 * of the event log. So the events are compared with the engine's own summary, and a preview that disagrees is made
 * again.
 */
export async function previewEvents(
    stack: Pick<Stack, "name" | "preview">,
    options: Omit<PreviewOptions, "onEvent"> = {},
): Promise<PreviewEvents> {
    let unread: string | undefined;
    for (let tries = 0; tries < TRIES; tries++) {
        const events: EngineEvent[] = [];
        try {
            await stack.preview({ ...options, onEvent: (event) => events.push(event) });
        } catch (error) {
            if (!(error instanceof CommandError)) {
                throw error;
            }
            return { events, failure: error.message };
        }
        unread = unreadOf(events);
        if (unread === undefined) {
            return { events, failure: undefined };
        }
    }
    const failure =
        `Preview of ${stack.name}: not all of the engine's events were read, ${TRIES} times: ${unread}. ` +
        "Changes may be missing, so none are shown. Run the command again when this machine is less busy.";
    return { events: [], failure };
}

/**
 * Which events of a successful preview were not read, "the summary counts 2 to update, the events 1"; undefined when
 * all were.
 */
export function unreadOf(events: readonly EngineEvent[]): string | undefined {
    const summary = events.find(({ summaryEvent }) => summaryEvent !== undefined)?.summaryEvent;
    if (summary === undefined) {
        return "their summary did not come";
    }
    const read = countsOf(events);
    const counted = new Map<string, number>(Object.entries(summary.resourceChanges));
    const differing = [...new Set([...counted.keys(), ...read.keys()])]
        .filter((op) => !NOT_COUNTED.has(op) && counted.get(op) !== read.get(op))
        .sort();
    return differing.length === 0
        ? undefined
        : differing
              .map(
                  (op) =>
                      `the summary counts ${counted.get(op) ?? 0} to ${op}, the events ${read.get(op) ?? 0}`,
              )
              .join("; ");
}

/** The resources by operation, counted as the engine counts them: without parts of a replacement. */
function countsOf(events: readonly EngineEvent[]): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { resourcePreEvent } of events) {
        const step = resourcePreEvent?.metadata;
        if (step?.logical === true && !isDefaultProvider(step)) {
            counts.set(step.op, (counts.get(step.op) ?? 0) + 1);
        }
    }
    return counts;
}

/** Pulumi makes these providers itself, and its summary does not count them. */
function isDefaultProvider({ type, urn }: { type: string; urn: string }): boolean {
    return type.startsWith("pulumi:providers:") && (urn.split("::").at(-1) ?? "").startsWith("default");
}
