import { UnknownValueError } from "@pulumi/policy";

import { UNKNOWN } from "./declared";

/**
 * Inputs as plain values. A policy that meets an unknown one would be given up
 * for the whole preview; this way it is applied to all that is known.
 */
export function plain(value: unknown): unknown {
    if (typeof value !== "object" || value === null) {
        return value;
    }
    const read = (key: string): unknown => {
        try {
            return plain((value as Record<string, unknown>)[key]);
        } catch (error) {
            if (error instanceof UnknownValueError) {
                return UNKNOWN;
            }
            throw error;
        }
    };
    const entries = Object.keys(value).map((key): [string, unknown] => [key, read(key)]);
    return Array.isArray(value) ? entries.map(([, element]) => element) : Object.fromEntries(entries);
}
