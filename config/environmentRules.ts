/** The rules of each environment. */
import { hasTls } from "./access/tls";
import { DEFAULTS } from "./environments";
import type { Problem } from "./problems";
import type { StackConfig } from "./schema";

/** The values of a complete configuration that its environment forbids. */
export function environmentProblems(config: StackConfig): Problem[] {
    const { environment, model } = config;
    const { stage } = DEFAULTS[environment];
    const wrongStage =
        model.stage === stage
            ? []
            : [`model.stage: got ${model.stage}; the models of ${environment} have the stage ${stage}`];
    return [...wrongStage, ...(environment === "prod" ? prodProblems(config) : [])].map((text) => ({
        on: ["environment", text.slice(0, text.indexOf(":"))],
        text,
    }));
}

function prodProblems(config: StackConfig): string[] {
    const problems: string[] = [];
    if (config.release === undefined || config.release === "HEAD") {
        problems.push(
            `release: got ${config.release ?? "nothing"}; prod pins a git tag or commit, which others can find again; ` +
                "take the one that staging proved: npm run promote -- --from staging --to prod",
        );
    }
    if (config.sourceMount) {
        problems.push("sourceMount: got true; prod serves what its image holds, so set it to false");
    }
    if (config.mlflow.backend === "sqlite") {
        problems.push("mlflow.backend: got sqlite; prod keeps its registry in postgres");
    }
    if (config.serving.replicas < 2) {
        problems.push(`serving.replicas: got ${config.serving.replicas}; prod needs at least 2`);
    }
    if (!hasTls(config.tls) && !config.tls.endsBefore) {
        problems.push(
            "tls: missing; prod sends no password in clear, so set tls.acme, tls.selfSigned or tls.certificate, " +
                "or tls.endsBefore if a proxy in front has the certificate (docs/security.md)",
        );
    }
    if (config.backup.schedule !== undefined && config.backup.recipient === undefined) {
        problems.push(
            "backup.recipient: missing; what prod leaves on a disk each night is encrypted: give the recipient of an age key",
        );
    }
    for (const part of ["mlflow", "training", "serving"] as const) {
        for (const resource of ["cpus", "memory"] as const) {
            if (config[part].limits[resource] === undefined) {
                problems.push(`${part}.limits.${resource}: missing; prod limits what each part may take`);
            }
        }
    }
    return problems;
}
