import { bech32 } from "bech32";
import { z } from "zod";

import { isCron } from "./cron";
import { resources } from "./types";

const RECIPIENT = {
    error: 'needs the recipient of an age key, "age1…", or several with commas between them; age-keygen makes a key and shows it',
};
const CRON = { error: 'needs a cron expression of five fields, such as "0 3 * * *"' };
const KEEP = { error: 'needs a number of days such as "30d", or a number of backups such as 14' };
const FOLDER = { error: 'needs the whole path of a folder of the engine\'s host, such as "/srv/backups"' };
const MOST_KEPT = 10_000;

/** The bytes of an X25519 key. */
const KEY_BYTES = 32;

/**
 * Whether a text is a recipient of age with an X25519 key. The text has a checksum, so a slip of the pen is found.
 * Source: https://age-encryption.org/v1, "The X25519 recipient type"
 */
function isRecipient(text: string): boolean {
    const decoded = text === text.toLowerCase() ? bech32.decodeUnsafe(text) : undefined;
    return decoded?.prefix === "age" && bech32.fromWordsUnsafe(decoded.words)?.length === KEY_BYTES;
}

function split(recipient: string): string[] {
    return recipient.split(",").map((one) => one.trim());
}

/** The keys of a stack's configuration about the backups of its registry. */
export const backup = z
    .strictObject({
        /** The age keys to which backups are encrypted. Without one they are in plain. */
        recipient: z
            .string(RECIPIENT)
            .refine((text) => split(text).every(isRecipient), RECIPIENT)
            .optional(),
        /** When the stack backs itself up, in UTC. Without it only the command `backup` makes backups. */
        schedule: z.string(CRON).refine(isCron, CRON).optional(),
        /** Scheduled backups are kept for these days, or in this number. */
        keep: z
            .union([z.string().regex(/^[1-9]\d{0,4}d$/), z.int().min(1).max(MOST_KEPT)], KEEP)
            .default("30d"),
        /** A folder of the engine's host for scheduled backups. Without it they are on a volume of the stack. */
        folder: z
            .string(FOLDER)
            .regex(/^\/(?!\/)(?:(?!\.{1,2}(?:\/|$))[^/\p{Cc}]+\/?)+$/u, FOLDER)
            .optional(),
        limits: resources.default({}),
    })
    .prefault({});

/** How a stack is backed up. */
export type Backup = z.output<typeof backup>;

/** The recipients to which a stack's backups are encrypted; none when they are in plain. */
export function recipientsOf({ recipient }: Pick<Backup, "recipient">): string[] {
    return recipient === undefined ? [] : split(recipient);
}
