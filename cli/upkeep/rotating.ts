/** The passwords of a stack that can be made again. */
import { mistake } from "../../common/mistake";
import { OWNER } from "../../config/access/roles";
import { insidersKeyName } from "../../components/gateway/insiders";
import { passwordName } from "../../components/gateway/users";
import type { StackState } from "../stack/exportedState";

export const PASSWORD_TYPE = "random:index/randomPassword:RandomPassword";
/** The name of the gateway in index.ts. */
export const GATEWAY = "gateway";

/**
 * The passwords by who has them, with their resources: the gateway's owner, the stack's own services, and the
 * database's users for MLflow and the exporter. The gateway's other users have further ones.
 */
const PASSWORDS = {
    gateway: [passwordName(GATEWAY, OWNER)],
    services: [insidersKeyName(GATEWAY)],
    database: ["database-password", "database-monitor-password", "database-backup-password"],
} as const;
/** Passwords that only some stacks have: of the role by which scheduled backups read the database. */
const OPTIONAL: readonly string[] = ["database-backup-password"];
export type Password = keyof typeof PASSWORDS;
const KINDS = Object.keys(PASSWORDS) as Password[];

/**
 * The passwords to make again.
 *
 * @param only the value of `--only`, if it was given
 */
export function passwordsToRotate(only: string | undefined, hasDatabase: boolean): Password[] {
    if (only === undefined) {
        return KINDS.filter((kind) => kind !== "database" || hasDatabase);
    }
    const found = KINDS.find((kind) => kind === only);
    if (found === undefined) {
        throw mistake(`--only: got ${only}; choose ${KINDS.join(" or ")}. Nothing was changed.`);
    }
    if (found === "database" && !hasDatabase) {
        throw mistake(
            "--only: got database; this stack keeps its runs in SQLite, which has no password. Nothing was changed.",
        );
    }
    return [found];
}

/** The URNs of a stack's passwords, those of all users of the gateway included. */
export function urnsOf(stack: string, state: StackState, passwords: readonly Password[]): string[] {
    const needed = passwords.flatMap((password) =>
        PASSWORDS[password].flatMap((name) => {
            const found = urnOf(state, name);
            if (found === undefined && OPTIONAL.includes(name)) {
                return [];
            }
            if (found === undefined) {
                throw mistake(
                    `Stack ${stack}: its state has no ${name}, of the ${password}. Run: pulumi up --stack ${stack}`,
                );
            }
            return [found];
        }),
    );
    return passwords.includes("gateway") ? [...needed, ...urnsOfUsers(state)] : needed;
}

/** The URN of a password by the name of its resource; undefined when the state has none. */
export function urnOf({ deployment }: StackState, name: string): string | undefined {
    return deployment.resources.find(({ type, urn }) => type === PASSWORD_TYPE && urn.endsWith(`::${name}`))
        ?.urn;
}

/** The users of the gateway whose passwords are among these. */
export function usersOf(urns: readonly string[]): string[] {
    const others = passwordName(GATEWAY, "");
    return urns.flatMap((urn) => {
        const name = urn.split("::").at(-1)!;
        return name === passwordName(GATEWAY, OWNER)
            ? [OWNER]
            : name.startsWith(others)
              ? [name.slice(others.length)]
              : [];
    });
}

/** The passwords that the stack made for users besides the owner. */
function urnsOfUsers({ deployment }: StackState): string[] {
    const begin = `::${passwordName(GATEWAY, "")}`;
    return deployment.resources
        .filter(({ type, urn }) => type === PASSWORD_TYPE && urn.includes(begin))
        .map(({ urn }) => urn)
        .sort();
}
