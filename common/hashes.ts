import { createHash } from "node:crypto";

const SHOWN = 12;
const IDENTITY = 16;

/** The first 12 digits of a commit, a hash or a container's id. People are shown this form. */
export function short(hash: string): string {
    return hash.slice(0, SHOWN);
}

/** Identifies a value: the first 16 hexadecimal digits of the SHA-256 of the value's JSON text. */
export function identityHash(value: unknown): string {
    return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, IDENTITY);
}
