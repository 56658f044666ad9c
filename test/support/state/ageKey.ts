import { writeFileSync } from "node:fs";

import { generateX25519Identity, identityToRecipient } from "age-encryption";

/**
 * Makes a key of age.
 *
 * @param file gets the identity, in the form of age-keygen
 * @returns the recipient
 */
export async function ageKey(file: string): Promise<string> {
    const identity = await generateX25519Identity();
    const recipient = await identityToRecipient(identity);
    writeFileSync(file, `# public key: ${recipient}\n${identity}\n`);
    return recipient;
}
