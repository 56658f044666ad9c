/**
 * The seal of a backup: an HMAC-SHA-256 of its manifest, with a key that only the stack has. The manifest has the
 * size and the hash of each file. So whoever may write to the place of the backups can damage one, but cannot make
 * one. An age recipient is public, so encryption alone does not show who made a backup.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { mistake } from "../../common/mistake";
import { BACKUP_KEY_OUTPUT } from "../../components/backup/backupKey";
import { messageOf } from "../terminal/steps";
import type { OpenStack } from "../stack/stack";
import { MANIFEST, type ReadBackup } from "./manifest";

/** The file with the seal, in hexadecimal digits and a line's end. */
export const SEAL = "manifest.hmac";
/** The digits of a key's name. */
const NAME_DIGITS = 16;
/** The text whose HMAC names a key. No manifest can be this text, because a manifest is JSON. */
const NAMED = "the name of this key";

/** The seal of a manifest's bytes. */
export function sealOf(manifest: Buffer | string, key: string): string {
    return createHmac("sha256", key).update(manifest).digest("hex");
}

/** A name for a key, by which a manifest tells whose seal it has. The name does not help to find the key. */
export function keyName(key: string): string {
    return sealOf(NAMED, key).slice(0, NAME_DIGITS);
}

/** The key of a stack; undefined when it was not brought up since stacks have one. */
export async function backupKeyOf({ stack }: Pick<OpenStack, "stack">): Promise<string | undefined> {
    const value: unknown = (await stack.outputs())[BACKUP_KEY_OUTPUT]?.value;
    return typeof value === "string" ? value : undefined;
}

/**
 * Checks that a stack made a backup, and that nobody changed the manifest since.
 *
 * @param key the stack's key; undefined if it has none
 * @param unauthenticated whether a backup without a seal of this key is accepted
 * @returns a sentence that says why the backup is not authenticated; undefined when it is
 * @throws Mistake for an altered manifest in any case, and for any other doubt unless it is accepted
 */
export function checkSeal(
    { folder, bytes, manifest }: ReadBackup,
    key: string | undefined,
    unauthenticated: boolean,
): string | undefined {
    const doubt = doubtOf(manifest, key);
    if (doubt === undefined) {
        checkIntact(folder, bytes, key!);
        return undefined;
    }
    // A stack without a key cannot have sealed a backup, so it takes those that have no seal.
    if (!unauthenticated && !(key === undefined && manifest.key === undefined)) {
        throw mistake(
            `${join(folder, MANIFEST)}: ${doubt}. Anybody may have made or changed this backup. If you know that ` +
                "nobody did, because only you could write to its folder: --unauthenticated. Nothing was changed.",
        );
    }
    return `This backup is not authenticated: ${doubt}.`;
}

/** Why a backup cannot be authenticated; undefined when it has a seal of this key. */
function doubtOf(
    { format, key: sealedBy, stack }: ReadBackup["manifest"],
    key: string | undefined,
): string | undefined {
    if (sealedBy === undefined) {
        return format === 1
            ? `an earlier release made it, whose backups have no ${SEAL}`
            : `it has no ${SEAL}, because the stack had no key when it was made`;
    }
    if (key === undefined) {
        return "the stack has no key to check it with; bring the stack up once, or import the state that has the key";
    }
    return sealedBy === keyName(key)
        ? undefined
        : `it is sealed with another key (${sealedBy}) than this stack's (${keyName(key)}); it says that it is of ${stack}`;
}

function checkIntact(folder: string, manifest: Buffer, key: string): void {
    const path = join(folder, SEAL);
    const found = Buffer.from(textOf(path).trim(), "hex");
    const right = Buffer.from(sealOf(manifest, key), "hex");
    if (found.length !== right.length || !timingSafeEqual(found, right)) {
        throw mistake(
            `${join(folder, MANIFEST)}: it was altered, or its ${SEAL} was: they do not fit. Take another backup. Nothing was changed.`,
        );
    }
}

function textOf(path: string): string {
    try {
        return readFileSync(path, "utf8");
    } catch (error) {
        throw mistake(
            `${path}: cannot be read (${messageOf(error)}); the manifest says that it has one. Take another backup. Nothing was changed.`,
        );
    }
}
