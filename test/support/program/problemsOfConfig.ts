import { parseConfig } from "../../../config/parse";

/** The problems for which a configuration is refused, a line each. */
export function problems(values: Record<string, unknown>): string[] {
    try {
        parseConfig(values);
    } catch (error) {
        return (error as Error).message
            .split("\n")
            .slice(1)
            .map((line) => line.trim());
    }
    return [];
}

export const LIMITS = { limits: { cpus: 1, memory: "1g" } };

/** The limits that prod needs for its containers. */
export const PROD = { training: LIMITS, serving: LIMITS, mlflow: LIMITS, tls: { selfSigned: true } };

/** The parts whose limits stand under `limits`. */
export const LIMITED = [
    ...["access", "acme", "alertmanager", "gateway", "grafana", "postgres", "postgres-metrics"],
    ...["status", "survey-demo", "volumes"],
];
