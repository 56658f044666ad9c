import type { Endpoint } from "./endpoint";

/**
 * The fields of a line of the access log, with HAProxy's expressions. There is no body, no header and no query: queries
 * can hold names and tokens.
 */
const FIELDS = {
    time: "[request_date(ms),ms_utime(%Y-%m-%dT%H:%M:%S.%3NZ)]",
    id: "[var(txn.id)]",
    endpoint: "[fe_name]",
    user: "[var(txn.user)]",
    role: "[var(txn.role)]",
    source: "[src]",
    method: "HM",
    path: "HPO",
    "status:sint": "ST",
    "bytes:sint": "B",
    "ms:sint": "Ta",
    replica: "[bc_dst]",
    version: "[var(txn.version)]",
} as const;

/** One JSON object for each request. */
export const LOG_FORMAT = `log-format "%{+json}o ${Object.entries(FIELDS)
    .map(([name, expression]) => `%(${name})${expression}`)
    .join(" ")}"`;

/** Parts of a million: HAProxy's random numbers are whole. */
const PARTS = 1_000_000;

/** The rule that leaves most of the answered predictions out of the log, if only a share is wanted. */
export function sampled({ repeatable }: Endpoint, share: number): string[] {
    if (repeatable === undefined || share >= 1) {
        return [];
    }
    const paths = [repeatable.quick, ...repeatable.others].join(" ");
    return [
        `http-request set-var(txn.silent) bool(true) if { path ${paths} } { rand(${PARTS}) ge ${Math.round(share * PARTS)} }`,
        "http-response set-log-level silent if { var(txn.silent) -m bool } { status 200 }",
    ];
}
