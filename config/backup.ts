import { bech32 } from "bech32";
import { z } from "zod";

const RECIPIENT = {
    error: 'needs the recipient of an age key, "age1…", or several with commas between them; age-keygen makes a key and shows it',
};

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
    })
    .prefault({});

/** How a stack is backed up. */
export type Backup = z.output<typeof backup>;

/** The recipients to which a stack's backups are encrypted; none when they are in plain. */
export function recipientsOf({ recipient }: Pick<Backup, "recipient">): string[] {
    return recipient === undefined ? [] : split(recipient);
}
