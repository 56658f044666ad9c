import { z } from "zod";

import { MIB, parseBytes, parseSeconds, readsBack } from "../common/units";

/** The kinds of values in a stack's configuration; each message says what is needed. */

/** One line of visible text, without characters that would break a file or a command line. */
const VISIBLE = /^[^\s\p{Cc}](?:[^\p{Cc}\p{Zl}\p{Zp}]*[^\s\p{Cc}])?$/u;

export function line(needed: string): z.ZodString {
    const error = { error: `needs ${needed}` };
    return z.string(error).regex(VISIBLE, error);
}

const DURATION = { error: 'needs a duration such as "30s", "20m" or "1h"' };

/** A duration, from `least` to `most`. */
export function durationFrom(least: string, most: string) {
    const within = (text: string) => {
        const seconds = parseSeconds(text);
        return seconds === undefined || (seconds >= parseSeconds(least)! && seconds <= parseSeconds(most)!);
    };
    return z
        .string(DURATION)
        .refine((text) => parseSeconds(text) !== undefined, DURATION)
        .refine(within, { error: `needs a duration from ${least} to ${most}` });
}

const SIZE = { error: 'needs a size such as "512m" or "2g"' };

function sizeFrom(least: string, most: string) {
    const within = (text: string) => {
        const bytes = parseBytes(text);
        return (
            bytes === undefined ||
            (bytes >= parseBytes(least)! && bytes <= parseBytes(most)! && bytes % MIB === 0)
        );
    };
    return z
        .string(SIZE)
        .refine((text) => parseBytes(text) !== undefined, SIZE)
        .refine(within, { error: `needs a size from ${least} to ${most}, of whole megabytes` });
}

/** More than any machine has. Up to this size, all arithmetic in bytes is exact. */
const MOST_BYTES = "16384g";
/** The size of samples on a disk. */
export const size = sizeFrom("64m", MOST_BYTES);
/** The engine refuses a container with less memory. */
const memory = sizeFrom("6m", MOST_BYTES);

export const HIGHEST_PORT = 65535;
const PORT = { error: `needs a port number from 1 to ${HIGHEST_PORT}` };
export const port = z.int(PORT).min(1, PORT).max(HIGHEST_PORT, PORT);

export const wholeFrom = (least: number, most: number) => {
    const message = { error: `needs a whole number of ${least} or more` };
    return z
        .int(message)
        .min(least, message)
        .max(most, { error: `needs a whole number of at most ${most}` });
};

/** The seeds that numpy and scikit-learn accept. */
export const seed = wholeFrom(0, 2 ** 32 - 1);

/** A fraction. `pulumi config set --path` writes it as a text unless its type is given. */
export function fraction(number: z.ZodNumber) {
    return z.preprocess((given) => (isNumeral(given) ? Number(given) : given), number);
}

function isNumeral(given: unknown): boolean {
    return typeof given === "string" && /^-?\d+(\.\d+)?$/.test(given);
}

const SHARE = { error: "needs a number from 0 to 1" };
export const share = fraction(z.number(SHARE).min(0, SHARE).max(1, SHARE));

/** A number above 0. */
export function positive(most: number, needed: string) {
    const error = { error: `needs ${needed}` };
    return fraction(z.number(error).positive(error).max(most, error));
}

/** A value whose meaning only a trainer knows. */
export const scalar = z.union([z.string(), z.number(), z.boolean()], {
    error: "needs a text, a number, true or false",
});

export const flag = z.boolean({ error: "needs true or false" });

const LEAST_CPUS = 0.01;
const MOST_CPUS = 1024;
const CPUS = {
    error: `needs a number of cores from ${LEAST_CPUS}, which is the engine's least, to ${MOST_CPUS}, such as 0.5 or 2`,
};
const cores = z.number(CPUS).min(LEAST_CPUS, CPUS).max(MOST_CPUS, CPUS);

export const resources = z.strictObject({
    /** Cores; may be a fraction. */
    cpus: fraction(cores).optional(),
    memory: memory.optional(),
});
/** The cores and the memory that a part may take or has reserved; both are optional. */
export type Resources = z.output<typeof resources>;

/**
 * The cores and the memory that a container may take. The Docker provider reads a
 * container's cores back as a text, and it changes some numbers.
 */
export const containerResources = resources.extend({
    cpus: fraction(
        cores.refine((cpus) => !(cpus >= LEAST_CPUS) || readsBack(cpus), {
            error: "needs a number of cores that the Docker provider reads back as it is, such as 0.1, 0.25 or 2",
        }),
    ).optional(),
});

/** The longest name that MLflow takes. */
const LONGEST_NAME = 250;
const IDENTIFIER = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/;
const NAME = {
    error: "needs letters, digits, '_', '.' or '-', beginning with a letter or digit",
};
export const identifier = z
    .string(NAME)
    .regex(IDENTIFIER, NAME)
    .max(LONGEST_NAME, { error: `needs at most ${LONGEST_NAME} characters` });

/** One part of an image's name, as a regular expression. */
export const IMAGE_PART = "[a-z0-9]+(?:(?:[.]|__?|-+)[a-z0-9]+)*";
const HOST = "(?:localhost|[A-Za-z0-9-]+(?:[.][A-Za-z0-9-]+)+|[A-Za-z0-9-]+(?=:))(?::[0-9]{1,5})?";
const TAG = "[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}(?:@sha256:[0-9a-f]{64})?";
/** `name:tag`, with a registry's host where there is one. Without a tag, each preview would show a change. */
const IMAGE = new RegExp(`^(?:${HOST}/)?${IMAGE_PART}(?:/${IMAGE_PART})*:${TAG}$`);
const TAGGED = { error: 'needs an image with its tag, such as "ollama/ollama:0.12.6"' };
export const imageName = z.string(TAGGED).regex(IMAGE, TAGGED);
