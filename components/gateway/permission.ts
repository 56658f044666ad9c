import { type Role, ROLES } from "../../config/access/roles";

/** Methods that change nothing. */
export const READING = ["GET", "HEAD", "OPTIONS"] as const;
export type Method = (typeof READING)[number] | "POST" | "PUT" | "PATCH" | "DELETE";

/** The least role for some requests to an endpoint. */
export interface Permission {
    role: Role;
    /** Undefined means every method. */
    methods?: readonly Method[];
    /**
     * Paths: "/version" is one path, "/status/*" is every path below /status/, and {} is one part of a path, as in
     * "/silence/{}".
     */
    paths: readonly string[];
}

/** The role for a request that no permission names. */
export const OTHERWISE: Role = "admin";

/**
 * Parts of a path that an upstream could read as another path. A request with such a part needs the role of the
 * requests that no permission names.
 */
const AMBIGUOUS = String.raw`(^|/)\.\.?(/|$)|//|\\|%2[ef]|%5c|%00`;

/**
 * The least role for a request. The first permission that fits decides.
 *
 * @param path the path without its query
 */
export function roleFor(permissions: readonly Permission[], method: string, path: string): Role {
    if (new RegExp(AMBIGUOUS, "i").test(path)) {
        return OTHERWISE;
    }
    const found = permissions.find(
        ({ methods, paths }) =>
            (methods === undefined || (methods as readonly string[]).includes(method)) &&
            paths.some((pattern) => new RegExp(expression(pattern)).test(path)),
    );
    return found?.role ?? OTHERWISE;
}

/**
 * HAProxy's rules that set `txn.needs` to the least role for a request, as `roleFor` finds it. Each rule that fits
 * replaces the role, so the permissions come in reverse: to ask first whether there is a role costs more.
 */
export function renderPermissions(permissions: readonly Permission[]): string[] {
    const set = (role: Role, ...conditions: string[]) =>
        [
            `http-request set-var(txn.needs) str(${role})`,
            ...(conditions.length === 0 ? [] : ["if", ...conditions]),
        ].join(" ");
    return [
        set(OTHERWISE),
        ...[...permissions].reverse().flatMap(({ role, methods, paths }) => {
            const method = methods === undefined ? [] : [`{ method ${methods.join(" ")} }`];
            return conditionsOf(paths).map((path) => set(role, ...method, path));
        }),
        set(OTHERWISE, `{ path -i -m reg '${AMBIGUOUS}' }`),
        ...ROLES.map(
            (role, rank) =>
                `http-request set-var(txn.allowed) bool(true) if { var(txn.needs) -m str ${role} } { var(txn.rank) -m int ge ${rank + 1} }`,
        ),
    ];
}

/** A condition for each kind of pattern. */
function conditionsOf(paths: readonly string[]): string[] {
    const isBelow = (pattern: string) => pattern.endsWith("/*");
    const hasParts = (pattern: string) => pattern.includes("{}");
    const exact = paths.filter((pattern) => !isBelow(pattern) && !hasParts(pattern));
    const below = paths.filter((pattern) => isBelow(pattern) && !hasParts(pattern));
    return [
        ...(exact.length === 0 ? [] : [`{ path ${exact.join(" ")} }`]),
        ...(below.length === 0
            ? []
            : [`{ path_beg ${below.map((pattern) => pattern.slice(0, -1)).join(" ")} }`]),
        ...paths.filter(hasParts).map((pattern) => `{ path -m reg '${expression(pattern)}' }`),
    ];
}

/** A pattern as a regular expression that JavaScript and HAProxy read alike. */
function expression(pattern: string): string {
    const escaped = pattern
        .replaceAll(/[.+?^$()[\]|\\]/g, String.raw`\$&`)
        .replaceAll("{}", "[^/]+")
        .replace(/\/\*$/, "/.*");
    return `^${escaped}$`;
}
