import { z } from "zod";

import { flag, line, port, wholeFrom } from "../types";

const ADDRESSES = {
    error: 'needs addresses or networks of proxies, such as ["10.0.0.5", "10.1.0.0/24"]',
};
const address = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], ADDRESSES);

const EMAIL = { error: 'needs the e-mail address of whoever runs the stack, such as "ops@example.org"' };
const SERVER = {
    error: 'needs the address of an ACME server\'s directory, such as "https://acme.example.org/directory"',
};
const isSecure = (text: string) => /^https:\/\/[^\s\p{Cc}@?#\\]+$/u.test(text) && URL.canParse(text);

/** The directory of Let's Encrypt. Source: https://letsencrypt.org/docs/acme-protocol-updates/ */
export const LETS_ENCRYPT = "https://acme-v02.api.letsencrypt.org/directory";
/** The port at which every ACME server asks. Source: RFC 8555, section 8.3 */
const HTTP_PORT = 80;
/** Two years, the longest time that browsers' own lists ask for. Source: https://hstspreload.org */
const MOST_HSTS_SECONDS = 63_072_000;

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
        /** The e-mail address of an account with an ACME server, from which the stack gets and renews its certificate. */
        acme: z.email(EMAIL).optional(),
        /** The directory of that server; by default Let's Encrypt's. */
        acmeServer: z.string(SERVER).refine(isSecure, SERVER).optional(),
        /** Who signed that server's own certificate, if no public authority did: PEM text, or the path of a file, relative to the project. */
        acmeAuthority: z
            .string({ error: "needs the PEM text of certificates, or the path of their file" })
            .min(1)
            .optional(),
        /** The published port at which the ACME server asks for proof; by default 80. Everything else there is sent on to https. */
        httpPort: port.optional(),
        /** The names in a certificate by ACME; more names and addresses for one of the stack's own. */
        hosts: z.array(line('a host name or an address, such as "ml.example.org"')).default([]),
        /** Seconds for which browsers ask this host, at each of its ports, by https only. 0 has them forget it. */
        hsts: wholeFrom(0, MOST_HSTS_SECONDS).optional(),
        /** A proxy in front of the stack ends TLS. The gateway speaks plain HTTP. */
        endsBefore: flag.default(false),
        /** The addresses of that proxy. The gateway believes its X-Forwarded-For. */
        trusted: z.array(address, ADDRESSES).default([]),
    })
    .prefault({});

export type Tls = z.output<typeof tls>;

/** Whether the published ports speak TLS. */
export function hasTls({ acme, certificate, selfSigned }: Tls): boolean {
    return certificate !== undefined || acme !== undefined || selfSigned;
}

/** The published port for plain HTTP, which only a certificate by ACME needs; undefined without one. */
export function httpPortOf({ acme, httpPort = HTTP_PORT }: Tls): number | undefined {
    return acme === undefined ? undefined : httpPort;
}
