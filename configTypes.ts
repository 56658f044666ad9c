import { z } from "zod";

import { parseBytes, parseSeconds } from "./units";

/** The kinds of values in a stack's configuration; each message says what is needed. */

const DURATION = { error: 'needs a duration such as "30s", "20m" or "1h"' };
export const duration = z.string(DURATION).refine((text) => parseSeconds(text) !== undefined, DURATION);

const SIZE = { error: 'needs a size such as "512m" or "2g"' };
export const size = z.string(SIZE).refine((text) => parseBytes(text) !== undefined, SIZE);

const PORT = { error: "needs a port number from 1 to 65535" };
export const port = z.int(PORT).min(1, PORT).max(65535, PORT);

export const wholeFrom = (least: number) => {
    const message = { error: `needs a whole number of ${least} or more` };
    return z.int(message).min(least, message);
};

/** A fraction, which `pulumi config set --path` writes as a text unless its type is given. */
export function fraction(number: z.ZodNumber) {
    return z.preprocess((given) => (isNumeral(given) ? Number(given) : given), number);
}

function isNumeral(given: unknown): boolean {
    return typeof given === "string" && /^-?\d+(\.\d+)?$/.test(given);
}

const SHARE = { error: "needs a number from 0 to 1" };
export const share = fraction(z.number(SHARE).min(0, SHARE).max(1, SHARE));

export const flag = z.boolean({ error: "needs true or false" });

export const resources = z.strictObject({
    /** Cores; may be a fraction. */
    cpus: fraction(
        z.number().positive({ error: "needs a number of cores above 0, such as 0.5 or 2" }),
    ).optional(),
    memory: size.optional(),
});
/** What a part may take, or has for itself: cores and memory, both optional. */
export type Resources = z.output<typeof resources>;

const IDENTIFIER = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/;
export const identifier = z.string().regex(IDENTIFIER, {
    error: "needs letters, digits, '_', '.' or '-', beginning with a letter or digit",
});

/** `name:tag`, with a registry's host where there is one. Without a tag, each preview would show a change. */
const IMAGE = /^[\w.-]+(:\d+)?(\/[\w.-]+)*:[\w.-]+(@sha256:[0-9a-f]{64})?$/;
export const imageName = z.string().regex(IMAGE, {
    error: 'needs an image with its tag, such as "ollama/ollama:0.12.6"',
});
