import { parseConfig } from "../../../config/parse";

/** The problems that a configuration is refused for, a line each. */
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

/** What prod asks for of its containers. */
export const PROD = { training: LIMITS, serving: LIMITS, mlflow: LIMITS };
