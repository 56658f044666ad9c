/** The history of a stack: what served, who changed its users, and which alerts were silenced. */
import { z } from "zod";
import { short } from "../../common/hashes";
import { RELEASE_TAG } from "../../contract/names";
import { type UserChange } from "../../releases/userChanges";
import { harmless, when } from "../terminal/report";
import type { Silence } from "./silences";

const served = z.object({ version: z.string(), commit: z.string() });
const change = z.object({ by: z.string(), why: z.string(), from: served.optional(), to: served });

export type ServingChange = z.infer<typeof change> & { readonly at: string };

/** The changes of the serving release, as each deployment wrote them into a registered model's tags. */
export function servingChangesIn(tags: ReadonlyMap<string, string>): ServingChange[] {
    return [...tags]
        .filter(([key]) => key.startsWith(RELEASE_TAG))
        .map(([key, text]) => ({ at: key.slice(RELEASE_TAG.length), ...change.parse(JSON.parse(text)) }));
}

/** All of it as rows, newest first: time, author, the release before and after, and the reason or what changed. */
export function historyRows(
    releases: readonly ServingChange[],
    users: readonly UserChange[],
    silences: readonly Silence[],
): string[][] {
    const rows = [
        ...releases.map(({ at, by, why, from, to }) => ({ at, cells: [by, named(from), named(to), why] })),
        ...users.map(({ at, by, what }) => ({ at, cells: [by, "-", "-", `users: ${what.join(", ")}`] })),
        ...silences.map((it) => ({ at: it.startsAt, cells: [it.createdBy, "-", "-", told(it)] })),
    ];
    return rows
        .sort((a, b) => Date.parse(b.at) - Date.parse(a.at))
        .map(({ at, cells }) => [when(at), ...cells.map(harmless)]);
}

function named(of: z.infer<typeof served> | undefined): string {
    return of === undefined ? "-" : `${short(of.commit)} version ${of.version}`;
}

/** "silence (active) until 2026-01-31 16:34:00 of alertname=ModelDrift: known" */
function told({ status, endsAt, matchers, comment }: Silence): string {
    const of = matchers.map(({ name, isEqual, isRegex, value }) => {
        const sign = isRegex ? (isEqual ? "=~" : "!~") : isEqual ? "=" : "!=";
        return `${name}${sign}${value}`;
    });
    return `silence (${status.state}) until ${when(endsAt)} of ${of.join(", ")}: ${comment}`;
}
