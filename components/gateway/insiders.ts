import { createHmac } from "node:crypto";

import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

import type { Role } from "../../config/access/roles";
import { shellText } from "../../common/shellText";
import { engineSecret, secretFile } from "../service/engineSecret";
import type { MountedFile } from "../service/mounts";
import type { Deployment } from "../stack/deployment";
import { userLine } from "./users";

/**
 * The services that answer users, or watch what does, and the role with which each may ask for something in the
 * registry's network. For each there are ways of its own: components/gateway/inside.ts.
 */
export const INSIDERS = {
    serving: "viewer",
    status: "viewer",
    prometheus: "viewer",
    alertmanager: "operator",
} as const satisfies Record<string, Role>;
export type Insider = keyof typeof INSIDERS;

/** The file of these services in the gateway's tasks. */
export const INSIDERS_FILE = "/run/secrets/insiders.map";
/** The file with the password of a service, in its own tasks. */
const PASSWORD_FILE = "/run/secrets/registry-password";
const KEY_LENGTH = 32;
const PASSWORD_LENGTH = 32;
const SIGNED_IN = shellText("service/signed-in.sh");

/** What a service needs to be let in: its name, and the file with its password. */
export interface Login {
    user: Insider;
    password: MountedFile;
}

/** Where and how a service reads the registry. */
export interface RegistryReader extends Login {
    /** MLflow's address for the service; known once MLflow answers there. */
    trackingUri: pulumi.Output<string>;
}

/** The name of the resource with the key of all passwords of these services. */
export function insidersKeyName(gateway: string): string {
    return `${gateway}-insiders-key`;
}

/**
 * The passwords of services. They are derived from one key in the stack's state.
 *
 * @returns the content of INSIDERS_FILE, and a login for each service
 */
export function insiders(
    name: string,
    deployment: Deployment,
    wanted: readonly Insider[],
    parent: pulumi.Resource,
): { file: pulumi.Output<string>; logins: Partial<Record<Insider, Login>> } {
    const { result: key } = new random.RandomPassword(
        insidersKeyName(name),
        { length: KEY_LENGTH, special: false },
        { parent },
    );
    const logins = wanted.map((user): [Insider, Login] => {
        const text = key.apply((it) => passwordOf(it, user));
        const secret = engineSecret(deployment, `key-${user}`, text, parent);
        return [user, { user, password: secretFile(secret, PASSWORD_FILE) }];
    });
    return { file: key.apply((it) => renderInsiders(it, wanted)), logins: Object.fromEntries(logins) };
}

/** The file by which HAProxy finds a service, in the form of the users' file: components/gateway/users.ts. */
export function renderInsiders(key: string, wanted: readonly Insider[]): string {
    return wanted.map((user) => userLine(user, INSIDERS[user], passwordOf(key, user))).join("");
}

/** A command whose MLflow client signs in: images/service/signed-in.sh. */
export function signedIn({ user, password }: Login, command: pulumi.Input<string>[]): pulumi.Input<string>[] {
    return ["sh", "-c", SIGNED_IN, "signed-in", user, password.target, ...command];
}

/** Who knows one password cannot compute another one. */
function passwordOf(key: string, user: Insider): string {
    return createHmac("sha256", key).update(user).digest("base64url").slice(0, PASSWORD_LENGTH);
}
