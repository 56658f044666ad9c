/** Lines of the gateway's access log, as a person reads them: components/gateway/accessLog.ts writes them. */
import { z } from "zod";
import { mistake } from "../../common/mistake";
import { parseJson } from "../../common/json";
import { parseSeconds } from "../../common/units";
import { harmless } from "../terminal/report";
import type { LogLine } from "../../engine/tasks/containerLog";

/** HAProxy writes an empty text, or null, for a value that a request does not have. */
const said = z
    .string()
    .nullish()
    .transform((it) => it ?? "");

const request = z.object({
    time: said,
    id: said,
    endpoint: said,
    user: said,
    role: said,
    source: said,
    method: said,
    path: said,
    status: z.number(),
    bytes: z.number().default(0),
    ms: z.number().default(0),
    replica: said,
    version: said,
});

export type Request = z.output<typeof request>;

/** The requests that a person asks for. */
export interface Wanted {
    readonly user?: string | undefined;
    /** "404" or "5xx". */
    readonly status?: string | undefined;
}

/** A line as a request; undefined for any other line, such as HAProxy's notices. */
export function requestIn(line: string): Request | undefined {
    return line.startsWith("{") ? request.safeParse(parseJson(line)).data : undefined;
}

/** Whether a request is one that a person asks for. A request without a user, or with a wrong password, has none. */
export function isWanted({ user, status }: Request, wanted: Wanted): boolean {
    return (
        (wanted.user === undefined || user === wanted.user) &&
        (wanted.status === undefined ||
            new RegExp(`^${wanted.status.replaceAll("x", "\\d")}$`).test(String(status)))
    );
}

/**
 * "2026-01-31 16:34:00.123 200 POST /predict ci (caller) 3 ms ..."
 *
 * @param at when the line was written, in nanoseconds since the epoch: a request that could not be read has no time
 */
export function readable(it: Request, at: bigint): string {
    const time = it.time === "" ? new Date(Number(at / 1_000_000n)).toISOString() : it.time;
    const who = it.user === "" ? "-" : `${it.user} (${it.role})`;
    const answered = it.replica === "" ? "the gateway" : it.replica;
    const version = it.version === "" ? "" : `, version ${it.version}`;
    // A client chooses its path.
    return harmless(
        `${time.replace("T", " ").replace("Z", "")} ${it.status} ${it.method} ${it.path} ${who} ` +
            `${it.ms} ms ${it.bytes} B from ${it.source} at ${it.endpoint}, by ${answered}${version}, id ${it.id}`,
    );
}

/** The options of the command that read its lines. */
export interface LogOptions extends Wanted {
    readonly service: string | undefined;
    readonly last: string | undefined;
    readonly json: boolean;
}

/**
 * Checks the options.
 *
 * @param access the role whose output is the access log
 * @throws Mistake for a wrong value, and for an option that needs the access log beside another service
 */
export function checkLogOptions({ service, user, status, json, last }: LogOptions, access: string): void {
    const needs = [
        ...(user === undefined ? [] : ["--user"]),
        ...(status === undefined ? [] : ["--status"]),
        ...(json ? ["--json"] : []),
    ];
    const [first] = needs;
    if (service !== undefined && service !== access && first !== undefined) {
        throw mistake(
            `${first}: needs the access log, and --service is ${service}; leave one of them out. Nothing was changed.`,
        );
    }
    if (status !== undefined && !/^[1-5](\d\d|xx)$/.test(status)) {
        throw mistake(`--status: got ${status}; give a status such as 404, or 5xx. Nothing was changed.`);
    }
    if (last !== undefined && parseSeconds(last) === undefined) {
        throw mistake(`--last: got ${last}; give a duration such as 30s, 10m or 2h. Nothing was changed.`);
    }
}

/**
 * How lines are shown: the text of a line, or undefined for a line that is left out.
 *
 * @param access the role whose output is the access log
 */
export function shownBy(options: LogOptions, access: string): (line: LogLine) => string | undefined {
    const { service, json, user, status } = options;
    if (service !== undefined && service !== access) {
        return ({ text }) => text;
    }
    const isFiltered = user !== undefined || status !== undefined;
    return ({ text: line, at }) => {
        const found = requestIn(line);
        if (found === undefined) {
            // A person who names the service wants HAProxy's own notices too.
            return service === access && !isFiltered && !json ? line : undefined;
        }
        if (!isWanted(found, options)) {
            return undefined;
        }
        return json || service === access ? line : readable(found, at);
    };
}
