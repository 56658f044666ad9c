/** New passwords for a stack, by an update that replaces those it has and nothing else. */
import type { EngineEvent } from "@pulumi/pulumi/automation";
import { mistake } from "../../common/mistake";
import { GATEWAY_ROLE } from "../../components/gateway/gateway";
import type { InsideHttp } from "../../engine/streams/insideHttp";
import { isEndOfTraining, readEvents } from "../ci/preview";
import type { OpenStack } from "../stack/stack";
import { messageOf } from "../terminal/steps";
import type { StackState } from "../stack/exportedState";

export const PASSWORD_TYPE = "random:index/randomPassword:RandomPassword";
const OK = 200;
const UNAUTHORIZED = 401;

/** What passwords let in to, and the resources that they are: MLflow's and the exporter's to the database. */
const PASSWORDS = {
    gateway: ["gateway-password"],
    database: ["database-password", "database-monitor-password"],
} as const;
export type Password = keyof typeof PASSWORDS;

/**
 * Which passwords to make anew.
 *
 * @param only what `--only` says, if anything
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
        PASSWORDS[password].map((name) => {
            const found = state.deployment.resources.find(
                ({ type, urn }) => type === PASSWORD_TYPE && urn.endsWith(`::${name}`),
            );
            if (found === undefined) {
                throw mistake(
                    `Stack ${stack}: its state has no ${name}, of the ${password}. Run: pulumi up --stack ${stack}`,
                );
            }
            return found.urn;
        }),
    );
}

/**
 * Refuses while an update would change something else too: a rotation is no release.
 *
 * @param configFile stands in for the stack's file
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

/** What a preview would change, "update serving-service"; that no training run is declared is no change. */
export function pendingOf(events: readonly EngineEvent[]): string[] {
    return readEvents(events)
        .changes.filter((change) => !isEndOfTraining(change))
        .map(({ op, name }) => `${op} ${name}`);
}

/** What the gateway answers to somebody who comes with a password: the status of a request for the version. */
export async function statusWith(
    inside: InsideHttp,
    port: number,
    username: string,
    password: string,
): Promise<number> {
    const url = `http://${GATEWAY_ROLE}:${port}/version`;
    return (await inside.request({ url, credentials: { username, password } })).status;
}

/** What is wrong when a gateway answers so; undefined when it takes the new password and, where it was rotated, not the old one. */
export function wrongStatuses(rotated: boolean, withOld: number, withNew: number): string | undefined {
    const old = rotated ? UNAUTHORIZED : OK;
    return withNew === OK && withOld === old
        ? undefined
        : `the gateway answers ${withNew} to the new password and ${withOld} to the old one; ${OK} and ${old} are right`;
}
