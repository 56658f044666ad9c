import { UnknownValueError } from "@pulumi/policy";

import { UNKNOWN } from "./declared";

/**
 * Turns inputs into plain values. If a policy met an unknown value, Pulumi would give the policy up for the
 * whole preview. Here unknown values become UNKNOWN, so the policy is applied to everything that is known.
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
