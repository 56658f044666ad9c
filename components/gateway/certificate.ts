import { webcrypto, X509Certificate } from "node:crypto";
import { isIP } from "node:net";

import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { publicUrl } from "../../config/access/access";
import { hostsOf } from "../../config/access/certificate";
import { httpPortOf, LETS_ENCRYPT } from "../../config/access/tls";
import type { StackConfig } from "../../config/schema";
import type { Secrets } from "../../config/secrets";
import { identityHash } from "../../common/hashes";
import { type Deployment, labels, LABELS_STAY } from "../stack/deployment";
import { base64, engineSecret, secretFile } from "../service/engineSecret";
import type { MountedFile } from "../service/mounts";

/** HAProxy takes the certificate, its chain and its key from one file. */
const FILE = "/run/secrets/certificate.pem";
/** The longest time that Apple's devices accept. Source: https://support.apple.com/103769 */
const DAYS = 825;
const DAY_MS = 86_400_000;

/** A certificate that is got from an ACME server, and renewed while the gateway runs. */
export interface AcmeCertificate {
    kind: "acme";
    email: string;
    hosts: readonly string[];
    /** The address of the server's directory. */
    server: string;
    /** Who signed the server's own certificate, in PEM form; undefined for public authorities. */
    authority: string | undefined;
    /** The published port at which the server asks. */
    httpPort: number;
    /** The address to which everybody else is sent who asks there. */
    redirect: string;
}

/** The certificate of a stack: given with its key, got, or made by the stack for some host names and addresses. */
export type Certificate =
    | { kind: "given"; chain: string; key: pulumi.Output<string> }
    | { kind: "selfSigned"; hosts: readonly string[] }
    | AcmeCertificate;

/** The certificate that a configuration asks for; undefined without TLS. */
export function certificateOf(
    { host }: Deployment,
    { access, serving, tls }: Pick<StackConfig, "access" | "serving" | "tls">,
    { authority, certificate, tlsKey }: Pick<Secrets, "authority" | "certificate" | "tlsKey">,
): Certificate | undefined {
    const httpPort = httpPortOf(tls);
    if (tls.acme !== undefined && httpPort !== undefined) {
        const { acme: email, hosts, acmeServer: server = LETS_ENCRYPT } = tls;
        const redirect = publicUrl(access, hosts[0]!, "api", serving.port);
        return { kind: "acme", email, hosts, server, authority, httpPort, redirect };
    }
    if (certificate !== undefined && tlsKey !== undefined) {
        return { kind: "given", chain: certificate, key: tlsKey };
    }
    const hosts = new Set([host, "localhost", "127.0.0.1", ...hostsOf(access), ...tls.hosts]);
    return tls.selfSigned ? { kind: "selfSigned", hosts: [...hosts] } : undefined;
}

/** A certificate as a file of the gateway's tasks, and its text without the key. */
export interface CertificateFile {
    file: MountedFile;
    text: pulumi.Output<string>;
}

/**
 * When a certificate ends, in seconds since the epoch.
 *
 * @param pem the certificate first, then those that signed it
 */
export function certificateEnd(pem: string): number {
    return Date.parse(new X509Certificate(pem).validTo) / 1000;
}

/** Declares the file with a certificate that stays as long as the tasks; undefined without TLS. */
export function certificateFile(
    deployment: Deployment,
    certificate: Exclude<Certificate, AcmeCertificate> | undefined,
    parent: pulumi.Resource,
): CertificateFile | undefined {
    if (certificate === undefined) {
        return undefined;
    }
    if (certificate.kind === "given") {
        const { chain, key } = certificate;
        const secret = engineSecret(
            deployment,
            "certificate",
            pulumi.interpolate`${chain}\n${key}\n`,
            parent,
        );
        return { file: secretFile(secret, FILE), text: pulumi.output(chain) };
    }
    const secret = keptSecret(deployment, certificate.hosts, parent);
    const text = secret.data.apply((data) => certificatesIn(Buffer.from(data, "base64").toString()));
    return { file: secretFile(secret, FILE), text: pulumi.unsecret(text) };
}

/** The engine allows few characters for the name of a secret. */
const OWN_ROLE = "tls";

/** Whether the secret of this name has a certificate that the stack made. */
export function isOwnCertificate(name: string): boolean {
    return new RegExp(`-${OWN_ROLE}-[0-9a-f]{8}$`).test(name);
}

/**
 * A certificate of our own. The first `up` makes it. Later ones keep it, because Pulumi ignores what they make. Other
 * hosts are another secret.
 */
function keptSecret(
    deployment: Deployment,
    hosts: readonly string[],
    parent: pulumi.Resource,
): docker.Secret {
    return new docker.Secret(
        `${deployment.prefix}-${OWN_ROLE}-${identityHash(hosts).slice(0, 8)}`,
        {
            data: pulumi.secret(selfSigned(hosts).then(base64)),
            labels: labels(deployment, OWN_ROLE),
        },
        { parent, ignoreChanges: [...LABELS_STAY.ignoreChanges, "data"] },
    );
}

function certificatesIn(pem: string): string {
    const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
    return blocks.map((block) => `${block}\n`).join("");
}

/**
 * Makes a key and a certificate that it signs itself.
 *
 * @param hosts names and IP addresses under which people reach the stack
 * @returns both in PEM form
 */
export async function selfSigned(hosts: readonly string[]): Promise<string> {
    // Loading takes 60 ms, and few stacks need it.
    await import("reflect-metadata");
    const x509 = await import("@peculiar/x509");
    const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
    const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
    const names = hosts.map((value) => ({ type: isIP(value) ? "ip" : "dns", value }) as const);
    const now = Date.now();
    const certificate = await x509.X509CertificateGenerator.createSelfSigned(
        {
            name: [{ CN: [hosts[0]!.slice(0, 64)] }],
            notBefore: new Date(now - DAY_MS),
            notAfter: new Date(now + (DAYS - 1) * DAY_MS),
            keys,
            signingAlgorithm: algorithm,
            extensions: [
                new x509.BasicConstraintsExtension(false, undefined, true),
                new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
                new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
                new x509.SubjectAlternativeNameExtension(names),
                await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
                await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey),
            ],
        },
        webcrypto as Crypto,
    );
    const key = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
    return `${certificate.toString("pem")}\n${x509.PemConverter.encode(key, "PRIVATE KEY")}\n`;
}
