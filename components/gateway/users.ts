import { createHash } from "node:crypto";

import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

import { OWNER, type Role, ROLES } from "../../config/access/roles";

const PASSWORD_LENGTH = 24;
/** The file of users in the gateway's tasks. */
export const USERS_FILE = "/run/secrets/users.map";
/** HAProxy's table of wrong passwords by address. */
export const ATTEMPTS = "attempts";

/** Who may use a stack. */
export interface UsersArgs {
    /** Roles by user, besides the owner. */
    roles: Readonly<Record<string, Role>>;
    /** Passwords by user that the stack does not make itself, as JSON. */
    given: pulumi.Output<string> | undefined;
    /** The users whose passwords are given. */
    giving: readonly string[];
}

/** The name of the resource with a user's password. */
export function passwordName(gateway: string, user: string): string {
    return user === OWNER ? `${gateway}-password` : `${gateway}-password-${user}`;
}

/** The passwords by user: given ones, and ones that the stack makes and keeps in its state. */
export function passwords(
    name: string,
    { roles, given, giving }: UsersArgs,
    parent: pulumi.Resource,
): pulumi.Output<Record<string, string>> {
    const made = [OWNER, ...Object.keys(roles).sort()]
        .filter((user) => !giving.includes(user))
        .map((user) => {
            const password = new random.RandomPassword(
                passwordName(name, user),
                { length: PASSWORD_LENGTH, special: false },
                { parent },
            );
            return password.result.apply((text): [string, string] => [user, text]);
        });
    const all = pulumi.all([pulumi.all(made), given ?? pulumi.output("{}")]).apply(([own, others]) => ({
        ...Object.fromEntries(own),
        ...(JSON.parse(others) as Record<string, string>),
    }));
    return pulumi.secret(all);
}

/**
 * The file of users: a line for each, "hash rank:role:name". HAProxy finds a user by the SHA-256 of the password, so
 * the file has no password. A slow hash would cost milliseconds of each request; these passwords are too long to guess.
 */
export function renderUsers(
    roles: Readonly<Record<string, Role>>,
    passwordOf: Readonly<Record<string, string>>,
): string {
    return Object.entries({ ...roles, [OWNER]: "admin" as const })
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([user, role]) => userLine(user, role, passwordOf[user]!))
        .join("");
}

/** The line of a user in such a file. */
export function userLine(user: string, role: Role, password: string): string {
    const hash = createHash("sha256").update(password).digest("hex");
    return `${hash} ${ROLES.indexOf(role) + 1}:${role}:${user}\n`;
}
