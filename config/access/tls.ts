import { z } from "zod";

import { flag, line } from "../types";

const ADDRESSES = {
    error: 'needs addresses or networks of proxies, such as ["10.0.0.5", "10.1.0.0/24"]',
};
const address = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], ADDRESSES);

/** Who ends TLS, and with which certificate. At most one of the ways can be chosen. */
export const tls = z
    .strictObject({
        /** The certificate and its chain: PEM text, or the path of a file, relative to the project. Its key is the secret `tlsKey`. */
        certificate: z
            .string({ error: "needs the PEM text of a certificate, or the path of its file" })
            .min(1)
            .optional(),
        /** The stack makes a certificate of its own. */
        selfSigned: flag.default(false),
        /** More names and addresses for that certificate. */
        hosts: z.array(line('a host name or an address, such as "ml.example.org"')).default([]),
        /** A proxy in front of the stack ends TLS. The gateway speaks plain HTTP. */
        endsBefore: flag.default(false),
        /** The addresses of that proxy. The gateway believes its X-Forwarded-For. */
        trusted: z.array(address, ADDRESSES).default([]),
    })
    .prefault({});

export type Tls = z.output<typeof tls>;

/** Whether the published ports speak TLS. */
export function hasTls({ certificate, selfSigned }: Tls): boolean {
    return certificate !== undefined || selfSigned;
}
