import { z } from "zod";

import { parseJson } from "../../common/json";
import type { RegistryConfig } from "./registry";

/**
 * The key with the logins of registries. It is the provider's own, which gives the login to the swarm's nodes.
 * Source: https://www.pulumi.com/registry/packages/docker/installation-configuration/
 */
export const LOGINS = "docker:registryAuth";

const logins = z.array(
    z.looseObject({
        address: z.string(),
        username: z.string().optional(),
        password: z.string().optional(),
    }),
);

/** Who signs in at the registry of images. */
export interface RegistryLogin {
    readonly username: string;
    readonly password: string;
}

/**
 * The login for a stack's registry.
 *
 * @param text the value of LOGINS, decrypted
 * @returns undefined when the stack has no such registry, or the registry asks for no login
 */
export function registryLogin(
    { address }: Pick<RegistryConfig, "address">,
    text: string | undefined,
): RegistryLogin | undefined {
    if (address === undefined || text === undefined) {
        return undefined;
    }
    const host = hostOf(address);
    const found = logins.safeParse(parseJson(text)).data?.find((it) => hostOf(it.address) === host);
    const { username, password } = found ?? {};
    return username === undefined || password === undefined ? undefined : { username, password };
}

/** "registry.example.org:5000" of "https://registry.example.org:5000/v2/". */
function hostOf(address: string): string {
    return address.replace(/^https?:\/\//, "").split("/", 1)[0]!;
}
