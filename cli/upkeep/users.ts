/** The users of a stack in its configuration and in its gateway, and the changes of them that a person may ask for. */
import { mistake } from "../../common/mistake";
import { access } from "../../config/access/access";
import { describe } from "../../config/problems";
import { OWNER, type Role, ROLES } from "../../config/access/roles";
import { passwordName } from "../../components/gateway/users";
import { ACCESS_ROLE } from "../../components/gateway/endpoint";
import { type Change, ENCRYPTED } from "../stack/stackFile";
import type { Allowed } from "./narrowUpdate";
import { GATEWAY, PASSWORD_TYPE } from "./rotating";

const UNCHANGED = "Nothing was changed.";
/** The key of the passwords that the stack does not make itself. */
export const GIVEN_KEY = "userPasswords";

/** What a person asks for. */
export type UserAction =
    | { readonly kind: "list" }
    | { readonly kind: "add"; readonly name: string; readonly role: Role }
    | { readonly kind: "remove" | "rotate"; readonly name: string };

/** The users of a stack. The owner is left out. */
export interface Users {
    /** Roles by user in the stack's configuration. */
    readonly configured: Readonly<Record<string, Role>>;
    /** Roles by user in the gateway that runs. */
    readonly running: Readonly<Record<string, string>>;
    /** The users whose passwords are given in the configuration. */
    readonly given: readonly string[];
}

/**
 * Reads the words of the command.
 *
 * @param role the value of `--role`, if it was given
 * @throws Mistake for any other words
 */
export function userAction(words: readonly string[], role: string | undefined): UserAction {
    const [kind, name, ...rest] = words;
    if (kind !== "list" && kind !== "add" && kind !== "remove" && kind !== "rotate") {
        throw mistake(
            `${kind === undefined ? "The action is missing" : `got ${kind}, which is no action`}; ` +
                `give list, add NAME --role ROLE, remove NAME or rotate NAME. ${UNCHANGED}`,
        );
    }
    if (role !== undefined && kind !== "add") {
        throw mistake(`--role: got ${role}; only add takes a role. ${UNCHANGED}`);
    }
    if (kind === "list") {
        if (name !== undefined) {
            throw mistake(`got ${name} after list; list takes no name. ${UNCHANGED}`);
        }
        return { kind };
    }
    const [stray] = rest;
    if (name === undefined || stray !== undefined) {
        throw mistake(
            `${stray === undefined ? "the user's name is missing" : `got ${stray} after the name`}; ` +
                `give one name: ${kind} NAME. ${UNCHANGED}`,
        );
    }
    if (kind !== "add") {
        return { kind, name };
    }
    const known = ROLES.find((it) => it === role);
    if (known === undefined) {
        const got = role === undefined ? "missing" : `got ${role}, which is no role`;
        throw mistake(`--role: ${got}; choose ${ROLES.join(", ")}. ${UNCHANGED}`);
    }
    return { kind, name, role: known };
}

/**
 * The changes of the stack's file that add a user; none when the file has the user, and only the gateway does not.
 *
 * @throws Mistake when the name cannot be taken
 */
export function additions({ configured, running }: Users, name: string, role: Role): Change[] {
    const values = { users: { [name]: role } };
    const issues = access.safeParse(values, { reportInput: true }).error?.issues ?? [];
    const [problem] = issues.flatMap((issue) => describe(issue, access, values));
    if (problem !== undefined) {
        throw mistake(`access.${problem}. ${UNCHANGED}`);
    }
    if (name === ENCRYPTED) {
        throw mistake(
            `${keyOf(name)}: Pulumi takes a value of this name for an encrypted one; choose another name. ${UNCHANGED}`,
        );
    }
    const present = configured[name];
    if (present === undefined) {
        return [{ key: keyOf(name), value: role }];
    }
    if (present !== role) {
        throw mistake(
            `${keyOf(name)}: this name is taken, by a user with the role ${present}. Choose another name, or ` +
                `change the role in the stack's file and run pulumi up. ${UNCHANGED}`,
        );
    }
    if (running[name] === role) {
        throw mistake(
            `${keyOf(name)}: this name is taken, by a user with the role ${role} already. ${UNCHANGED}`,
        );
    }
    return [];
}

/**
 * The changes of the stack's file that remove a user; none when only the gateway still has the user.
 *
 * @throws Mistake when there is no such user
 */
export function removals({ configured, running, given }: Users, name: string): Change[] {
    if (name === OWNER) {
        throw mistake(`${OWNER}: is the admin whom every stack has, and cannot be removed. ${UNCHANGED}`);
    }
    if (!(name in configured) && !(name in running)) {
        throw unknown(name, [...Object.keys(configured)]);
    }
    return [
        ...(name in configured ? [{ key: keyOf(name), value: undefined }] : []),
        ...(given.includes(name) ? [{ key: `${GIVEN_KEY}.${name}`, value: undefined }] : []),
    ];
}

/** @throws Mistake when the user does not run, or when somebody else makes the password */
export function refuseToRotate({ running, configured, given }: Users, name: string, stack: string): void {
    if (given.includes(name)) {
        throw mistake(
            `${GIVEN_KEY}.${name}: this password is given, not made by the stack. Set another, and bring the stack up: ` +
                `pulumi config set --secret --path ${GIVEN_KEY}.${name} --stack ${stack}, then pulumi up --stack ${stack}. ` +
                UNCHANGED,
        );
    }
    if (name !== OWNER && !(name in running)) {
        throw name in configured
            ? mistake(
                  `${keyOf(name)}: the gateway does not know this user yet; run pulumi up --stack ${stack}. ${UNCHANGED}`,
              )
            : unknown(name, [OWNER, ...Object.keys(running)]);
    }
}

/**
 * The resources that change when a user comes or goes. The tasks that read the file of users get another file and another
 * generation.
 */
export function changedBy(name: string, prefix: string): Allowed[] {
    return [
        { type: PASSWORD_TYPE, name: passwordName(GATEWAY, name) },
        { type: "docker:index/secret:Secret", name: `${prefix}-users` },
        {
            type: "docker:index/service:Service",
            name: `${ACCESS_ROLE}-service`,
            properties: /^taskSpec\.containerSpec\.(commands|env|healthcheck|secrets)(\.|\[|$)/,
        },
    ];
}

/** The users as rows: name, role, the origin of the password, and what the gateway does not have yet. */
export function userRows({ configured, running, given }: Users): string[][] {
    const names = [...new Set([...Object.keys(configured), ...Object.keys(running)])].sort();
    const rows = names.map((name) => {
        const [planned, present] = [configured[name], running[name]];
        const note =
            planned === present
                ? ""
                : present === undefined
                  ? "comes with the next pulumi up"
                  : planned === undefined
                    ? "goes with the next pulumi up"
                    : `is ${present} until the next pulumi up`;
        const origin = given.includes(name) ? `given: ${GIVEN_KEY}.${name}` : "made by the stack";
        return [name, planned ?? present!, origin, note];
    });
    return [["user", "role", "password", ""], [OWNER, "admin", "made by the stack", ""], ...rows];
}

function keyOf(name: string): string {
    return `access.users.${name}`;
}

function unknown(name: string, known: readonly string[]): Error {
    const has = known.length === 0 ? `it has only ${OWNER}` : `it has ${[...known].sort().join(", ")}`;
    return mistake(`${name}: the stack has no such user; ${has}. ${UNCHANGED}`);
}
