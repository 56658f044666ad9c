import * as pulumi from "@pulumi/pulumi";

import { z } from "zod";

import { parseJson } from "../common/json";
import { mistake } from "../common/mistake";
import { readAuthority, readCertificate } from "./access/certificate";
import { LOGINS, type RegistryLogin, registryLogin } from "./registry/login";
import type { StackConfig } from "./schema";

/** The secret keys of a stack's configuration. Their values are never parsed, because a message could show them. */
export const SECRET_KEYS = [
    "slackWebhook",
    "smtpPassword",
    "watchdogUrl",
    /** The private key of `tls.certificate`, in PEM form. */
    "tlsKey",
    /** Passwords of `access.users`, by user, that the stack does not make itself. */
    "userPasswords",
] as const;

/** The secrets that are set. */
export type Secrets = Partial<Record<(typeof SECRET_KEYS)[number], pulumi.Output<string>>> & {
    /** The certificate in PEM form, checked against its key; undefined when none is given. */
    certificate?: string | undefined;
    /** The authorities of the ACME server, in PEM form; undefined for public ones. */
    authority?: string | undefined;
    /** The users whose passwords are given. */
    giving: readonly string[];
    /** The login at the registry of images; undefined when none is given. */
    registryLogin?: RegistryLogin | undefined;
};

/** The fewest characters of a given password. The gateway keeps a fast hash of it, so it must be too long to guess. */
const LEAST_PASSWORD = 20;

/**
 * Reads the running program's secrets.
 *
 * @throws a mistake with one line for each secret that is missing or given in plain
 */
export function loadSecrets(stack: StackConfig): Secrets {
    const { access, alerts } = stack;
    const config = new pulumi.Config();
    const problems: string[] = [];
    const secrets: Secrets = { giving: [] };
    // Checks look at the text itself. Pulumi's own readers would warn of that.
    const plain = (key: (typeof SECRET_KEYS)[number]) =>
        pulumi.runtime.getConfig(`${pulumi.getProject()}:${key}`);
    // By this variable, Pulumi tells its language host which values it has decrypted.
    const keys = JSON.parse(process.env.PULUMI_CONFIG_SECRET_KEYS ?? "[]") as string[];
    for (const key of SECRET_KEYS) {
        const value = config.getSecret(key);
        if (value === undefined) {
            continue;
        }
        secrets[key] = value;
        if (!keys.includes(`${pulumi.getProject()}:${key}`)) {
            problems.push(
                `${key}: given in plain; take it back, and set it with: pulumi config set --secret ${key}`,
            );
        }
    }
    if (alerts.email?.username !== undefined && secrets.smtpPassword === undefined) {
        problems.push(
            "smtpPassword: missing, and alerts.email.username needs it; set it with: pulumi config set --secret smtpPassword",
        );
    }
    const login = registryLogin(stack.registry, pulumi.runtime.getConfig(LOGINS));
    if (login !== undefined && !keys.includes(LOGINS)) {
        problems.push(
            `${LOGINS}: its password is given in plain; take it back, and set it with: ` +
                "pulumi config set --secret --path 'docker:registryAuth[0].password'",
        );
    }
    const given = givenPasswords(plain("userPasswords"), access.users);
    problems.push(...given.problems);
    if (problems.length > 0) {
        throw mistake(
            ["the stack's secrets; nothing was changed", ...problems.map((it) => `  ${it}`)].join("\n"),
        );
    }
    const certificate = readCertificate(stack, plain("tlsKey"));
    return {
        ...secrets,
        giving: given.users,
        certificate,
        authority: readAuthority(stack),
        registryLogin: login,
    };
}

/**
 * Looks at the passwords that are given.
 *
 * @param text a JSON object of passwords by user
 * @param users roles by user
 * @returns the users, and what is wrong, without the passwords
 */
export function givenPasswords(
    text: string | undefined,
    users: Readonly<Record<string, string>>,
): { users: string[]; problems: string[] } {
    const set = "pulumi config set --secret --path userPasswords.NAME";
    if (text === undefined) {
        return { users: [], problems: [] };
    }
    const parsed = z.record(z.string(), z.string()).safeParse(parseJson(text)).data;
    if (parsed === undefined) {
        return { users: [], problems: [`userPasswords: has no password by user; set each with: ${set}`] };
    }
    const all = Object.entries(parsed);
    const problems = all.flatMap(([user, password]) => [
        ...(user in users
            ? []
            : [
                  `userPasswords.${user}: access.users has no such user; add the user there, or take this back`,
              ]),
        ...(/^[\x21-\x7e]*$/.test(password)
            ? []
            : [
                  `userPasswords.${user}: has a character that headers do not carry; use letters, digits and signs of ASCII`,
              ]),
        ...(password.length >= LEAST_PASSWORD
            ? []
            : [
                  `userPasswords.${user}: is too short; at least ${LEAST_PASSWORD} characters are needed, and a ` +
                      `password without this key is made by the stack`,
              ]),
        ...(all.some(([other, same]) => other < user && same === password)
            ? [
                  `userPasswords.${user}: is another user's too; a password alone tells who signs in, so give another`,
              ]
            : []),
    ]);
    return { users: Object.keys(parsed), problems };
}
