import { z } from "zod";

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
    ...[
        "access",
        "acme",
        "alertmanager",
        "gateway",
        "gateway-others",
        "grafana",
        "image-door",
        "image-store",
    ],
    ...["postgres", "postgres-metrics", "status", "survey-demo", "volumes"],
];

/** The keys with a value. A key of a record is written as `x`. */
export function leavesOf(node: unknown, path = ""): string[] {
    if (node instanceof z.ZodDefault || node instanceof z.ZodPrefault || node instanceof z.ZodOptional) {
        return leavesOf(node.unwrap(), path);
    }
    const below = (key: string) => (path === "" ? key : `${path}.${key}`);
    if (node instanceof z.ZodObject) {
        const { catchall } = node.def;
        return [
            ...Object.entries(node.shape).flatMap(([key, inner]) => leavesOf(inner, below(key))),
            ...(catchall === undefined || catchall instanceof z.ZodNever
                ? []
                : leavesOf(catchall, below("x"))),
        ];
    }
    if (node instanceof z.ZodRecord) {
        return leavesOf(node.valueType, below("x"));
    }
    if (node instanceof z.ZodDiscriminatedUnion) {
        return [...new Set(node.options.flatMap((option) => leavesOf(option, path)))];
    }
    return [path];
}
