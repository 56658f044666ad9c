/** Makes new passwords for a stack, by an update that replaces the passwords and nothing else. */
import type { EngineEvent } from "@pulumi/pulumi/automation";
import { mistake } from "../../common/mistake";
import type { InsideHttp } from "../../engine/streams/insideHttp";
import { isEndOfTraining, readEvents } from "../ci/preview";
import type { OpenStack } from "../stack/stack";
import { messageOf } from "../terminal/steps";
import type { StackState } from "../stack/exportedState";

export const PASSWORD_TYPE = "random:index/randomPassword:RandomPassword";
const OK = 200;
const UNAUTHORIZED = 401;

/**
 * The passwords by the service that they open, with their resources. The database has MLflow's password and the
 * exporter's.
 */
const PASSWORDS = {
    gateway: ["gateway-password"],
    database: ["database-password", "database-monitor-password", "database-backup-password"],
} as const;
/** Passwords that only some stacks have: of the role by which scheduled backups read the database. */
const OPTIONAL: readonly string[] = ["database-backup-password"];
export type Password = keyof typeof PASSWORDS;

/**
 * The passwords to make again.
 *
 * @param only the value of `--only`, if it was given
 */
export function passwordsToRotate(only: string | undefined, hasDatabase: boolean): Password[] {
    if (only === undefined) {
        return hasDatabase ? ["gateway", "database"] : ["gateway"];
    }
    if (only !== "gateway" && only !== "database") {
        throw mistake(
            `--only: got ${only}; choose ${Object.keys(PASSWORDS).join(" or ")}. Nothing was changed.`,
        );
    }
    if (only === "database" && !hasDatabase) {
        throw mistake(
            "--only: got database; this stack keeps its runs in SQLite, which has no password. Nothing was changed.",
        );
    }
    return [only];
}

/** The URNs of a stack's passwords. */
export function urnsOf(stack: string, state: StackState, passwords: readonly Password[]): string[] {
    return passwords.flatMap((password) =>
        PASSWORDS[password].flatMap((name) => {
            const found = state.deployment.resources.find(
                ({ type, urn }) => type === PASSWORD_TYPE && urn.endsWith(`::${name}`),
            );
            if (found === undefined && OPTIONAL.includes(name)) {
                return [];
            }
            if (found === undefined) {
                throw mistake(
                    `Stack ${stack}: its state has no ${name}, of the ${password}. Run: pulumi up --stack ${stack}`,
                );
            }
            return [found.urn];
        }),
    );
}

/**
 * Refuses if an update would also change something else, because a rotation is no release.
 *
 * @param configFile replaces the stack's file
 */
export async function refusePending({ name, stack }: OpenStack, configFile: object): Promise<void> {
    const events: EngineEvent[] = [];
    try {
        await stack.preview({ ...configFile, onEvent: (event) => events.push(event) });
    } catch (error) {
        throw mistake(`Stack ${name} cannot be previewed. Nothing was changed.\n${messageOf(error)}`);
    }
    const pending = pendingOf(events);
    if (pending.length > 0) {
        throw mistake(
            [
                `Stack ${name}: an update would change more than the passwords:`,
                ...pending.map((it) => `  ${it}`),
                `Bring it up first: pulumi up --stack ${name}. Nothing was changed.`,
            ].join("\n"),
        );
    }
}

/** The changes of a preview, "update serving-service". A training run that is no longer declared does not count. */
export function pendingOf(events: readonly EngineEvent[]): string[] {
    return readEvents(events)
        .changes.filter((change) => !isEndOfTraining(change))
        .map(({ op, name }) => `${op} ${name}`);
}

/** The status of the gateway's answer to a request for the version, with a given password. */
export async function statusWith(
    inside: InsideHttp,
    api: string,
    username: string,
    password: string,
): Promise<number> {
    const url = `${api}/version`;
    return (await inside.request({ url, credentials: { username, password }, ownName: false })).status;
}

/**
 * The problem with a gateway's answers; undefined when it accepts the new password and, after a rotation, refuses the
 * old one.
 */
export function wrongStatuses(rotated: boolean, withOld: number, withNew: number): string | undefined {
    const old = rotated ? UNAUTHORIZED : OK;
    return withNew === OK && withOld === old
        ? undefined
        : `the gateway answers ${withNew} to the new password and ${withOld} to the old one; ${OK} and ${old} are right`;
}
