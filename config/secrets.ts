import * as pulumi from "@pulumi/pulumi";

import type { StackConfig } from "./schema";
import { mistake } from "../common/mistake";

/** The secret keys of a stack's configuration. Their values are never parsed, because a message could show them. */
export const SECRET_KEYS = ["slackWebhook", "smtpPassword", "watchdogUrl"] as const;

/** The secrets that are set. */
export type Secrets = Partial<Record<(typeof SECRET_KEYS)[number], pulumi.Output<string>>>;

/**
 * Reads the running program's secrets.
 *
 * @throws a mistake with one line for each secret that is missing or given in plain
 */
export function loadSecrets({ alerts }: StackConfig): Secrets {
    const config = new pulumi.Config();
    const problems: string[] = [];
    const secrets: Secrets = {};
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
    if (problems.length > 0) {
        throw mistake(
            ["the stack's secrets; nothing was changed", ...problems.map((it) => `  ${it}`)].join("\n"),
        );
    }
    return secrets;
}
