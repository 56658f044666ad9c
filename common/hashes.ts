import { createHash } from "node:crypto";

const SHOWN = 12;
const IDENTITY = 16;

/** The beginning of a commit, a hash or a container's id, as people are shown it: 12 digits. */
export function short(hash: string): string {
    return hash.slice(0, SHOWN);
}

/** What identifies a value: 16 hexadecimal digits of the SHA-256 of its JSON text. */
export function identityHash(value: unknown): string {
    return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, IDENTITY);
}
