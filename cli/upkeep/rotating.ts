/** The passwords of a stack, and the certificate of its own, which can be made again. */
import { mistake } from "../../common/mistake";
import { OWNER } from "../../config/access/roles";
import { isOwnCertificate } from "../../components/gateway/certificate";
import { insidersKeyName } from "../../components/gateway/insiders";
import { passwordName } from "../../components/gateway/users";
import { pushPasswordName } from "../../components/store/builtInStore";
import type { StackState } from "../stack/exportedState";

export const PASSWORD_TYPE = "random:index/randomPassword:RandomPassword";
/** The name of the gateway in index.ts. */
export const GATEWAY = "gateway";
/** The name of the registry of images in index.ts. */
const STORE = "images";

/**
 * The passwords by who has them, with their resources: the gateway's owner, the stack's own services, and the
 * database's users for MLflow and the exporter. The gateway's other users have further ones.
 */
const PASSWORDS = {
    gateway: [passwordName(GATEWAY, OWNER)],
    services: [insidersKeyName(GATEWAY), pushPasswordName(STORE)],
    database: ["database-password", "database-monitor-password", "database-backup-password"],
} as const;
/**
 * Passwords that only some stacks have: of the role by which scheduled backups read the database, and for pushes to a
 * registry of the stack's own.
 */
const OPTIONAL: readonly string[] = ["database-backup-password", pushPasswordName(STORE)];
type Password = keyof typeof PASSWORDS;
const PASSWORD_KINDS = Object.keys(PASSWORDS) as Password[];
/** Not made again unless it is named, because every client has to trust the new one. */
const CERTIFICATE = "certificate";
const SECRET_TYPE = "docker:index/secret:Secret";
export type Renewed = Password | typeof CERTIFICATE;
const KINDS: readonly Renewed[] = [...PASSWORD_KINDS, CERTIFICATE];

/** The parts of a stack's configuration that say what there is to make again. */
export interface Renewable {
    readonly hasDatabase: boolean;
    readonly hasOwnCertificate: boolean;
}

/**
 * What to make again.
 *
 * @param only the value of `--only`, if it was given
 */
export function toRenew(only: string | undefined, stack: Renewable): Renewed[] {
    if (only === undefined) {
        return PASSWORD_KINDS.filter((kind) => kind !== "database" || stack.hasDatabase);
    }
    const found = KINDS.find((kind) => kind === only);
    if (found === undefined) {
        throw mistake(`--only: got ${only}; choose ${KINDS.join(" or ")}. Nothing was changed.`);
    }
    if (found === "database" && !stack.hasDatabase) {
        throw mistake(
            "--only: got database; this stack keeps its runs in SQLite, which has no password. Nothing was changed.",
        );
    }
    if (found === CERTIFICATE && !stack.hasOwnCertificate) {
        throw mistake(
            "--only: got certificate; this stack has none of its own (tls.selfSigned). docs/runbook.md#certificateends " +
                "says how others are renewed. Nothing was changed.",
        );
    }
    return [found];
}

/** The URNs of what is made again: of a stack's passwords, with those of all users of the gateway, or its certificate. */
export function urnsOf(stack: string, state: StackState, renewed: readonly Renewed[]): string[] {
    const needed = renewed.flatMap((one) =>
        one === CERTIFICATE ? [certificateUrn(stack, state)] : passwordUrns(stack, state, one),
    );
    return renewed.includes("gateway") ? [...needed, ...urnsOfUsers(state)] : needed;
}

function passwordUrns(stack: string, state: StackState, opened: Password): string[] {
    return PASSWORDS[opened].flatMap((name) => {
        const found = urnOf(state, name);
        if (found === undefined && OPTIONAL.includes(name)) {
            return [];
        }
        return [found ?? missing(stack, `${name}, of the ${opened}`)];
    });
}

function certificateUrn(stack: string, { deployment }: StackState): string {
    const found = deployment.resources.find(
        ({ type, urn }) => type === SECRET_TYPE && isOwnCertificate(urn.split("::").at(-1)!),
    );
    return found?.urn ?? missing(stack, "certificate of its own");
}

/** @throws a mistake: what the configuration asks for was not made yet */
function missing(stack: string, what: string): never {
    throw mistake(`Stack ${stack}: its state has no ${what}. Run: pulumi up --stack ${stack}`);
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
