/** Checks a stack's certificate and its key before anything is changed. */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { isIP } from "node:net";

import { mistake } from "../../common/mistake";
import { PARTS } from "./access";
import type { StackConfig } from "../schema";

const BLOCK = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
const KEY = "tlsKey";
const SET_KEY = `cat key.pem | pulumi config set --secret ${KEY}`;
const PATH = "tls.certificate";
const AUTHORITY = "tls.acmeAuthority";

/**
 * Reads and checks the certificate that a stack's configuration gives.
 *
 * @param key the secret `tlsKey`; undefined when it is not set
 * @param now milliseconds since the epoch
 * @returns the certificate and its chain in PEM form; undefined when none is given
 * @throws a mistake when the certificate and the key cannot serve the stack; its message does not show the key
 */
export function readCertificate(
    { access, tls }: Pick<StackConfig, "access" | "tls">,
    key: string | undefined,
    now = Date.now(),
): string | undefined {
    if (tls.certificate === undefined) {
        return undefined;
    }
    const { text, where } = textOf(tls.certificate, PATH);
    const problems = problemsOf(text, where, key, [...hostsOf(access)], now);
    if (problems.length > 0) {
        throw mistake(
            ["the stack's certificate; nothing was changed", ...problems.map((it) => `  ${it}`)].join("\n"),
        );
    }
    return text.match(BLOCK)!.join("\n");
}

/**
 * Reads the authorities that signed the ACME server's own certificate.
 *
 * @returns their certificates in PEM form; undefined when public ones did
 * @throws a mistake when there is no certificate
 */
export function readAuthority({ tls: { acmeAuthority } }: Pick<StackConfig, "tls">): string | undefined {
    if (acmeAuthority === undefined) {
        return undefined;
    }
    const { text, where } = textOf(acmeAuthority, AUTHORITY);
    const blocks = text.match(BLOCK) ?? [];
    if (blocks.length === 0 || blocks.map(parse).includes(undefined)) {
        throw mistake(
            `${where}: has no certificate in PEM form, which begins with -----BEGIN CERTIFICATE-----; give the ` +
                "certificates of the authorities that signed the ACME server's own. Nothing was changed.",
        );
    }
    return `${blocks.join("\n")}\n`;
}

/** The host names of a stack's public addresses. */
export function hostsOf(access: StackConfig["access"]): Set<string> {
    const urls = (["url", ...PARTS] as const).flatMap((part) => access[part] ?? []);
    return new Set(urls.map((url) => new URL(url).hostname.replace(/^\[|\]$/g, "")));
}

function textOf(given: string, key: string): { text: string; where: string } {
    if (given.includes("-----BEGIN")) {
        return { text: given, where: key };
    }
    return { text: existsSync(given) ? readFileSync(given, "utf8") : "", where: `${key}: ${given}` };
}

function problemsOf(
    text: string,
    where: string,
    key: string | undefined,
    hosts: string[],
    now: number,
): string[] {
    const blocks = text.match(BLOCK) ?? [];
    const certificates = blocks.map(parse);
    const [first] = certificates;
    if (first === undefined || certificates.includes(undefined)) {
        return [
            `${where}: has no certificate in PEM form, which begins with -----BEGIN CERTIFICATE-----; ` +
                "give the certificate first, then those that signed it",
        ];
    }
    const problems: string[] = [];
    if (/PRIVATE KEY/.test(text)) {
        problems.push(
            `${where}: has a private key, which is a secret; take it out and have it made anew, then: ${SET_KEY}`,
        );
    }
    const [from, to] = [Date.parse(first.validFrom), Date.parse(first.validTo)];
    if (now > to) {
        problems.push(`${where}: expired on ${first.validTo}; give its successor`);
    } else if (now < from) {
        problems.push(`${where}: is valid from ${first.validFrom} only; look at this machine's clock`);
    }
    const others = hosts.filter((host) => !covers(first, host));
    if (others.length > 0) {
        problems.push(
            `${where}: is for ${first.subjectAltName ?? first.subject}; access has ${others.join(", ")}, so give ` +
                "a certificate with that name, or change access.url",
        );
    }
    return [...problems, ...keyProblems(first, key)];
}

function keyProblems(certificate: X509Certificate, key: string | undefined): string[] {
    if (key === undefined) {
        return [`${KEY}: missing; ${PATH} needs its key: ${SET_KEY}`];
    }
    let parsed: KeyObject;
    try {
        parsed = createPrivateKey(key);
    } catch {
        return [`${KEY}: is no private key in PEM form without a passphrase; set it with: ${SET_KEY}`];
    }
    return certificate.checkPrivateKey(parsed)
        ? []
        : [`${KEY}: is not the key of ${PATH}; give the key with which the certificate was asked for`];
}

function covers(certificate: X509Certificate, host: string): boolean {
    return (isIP(host) ? certificate.checkIP(host) : certificate.checkHost(host)) !== undefined;
}

function parse(block: string): X509Certificate | undefined {
    try {
        return new X509Certificate(block);
    } catch {
        return undefined;
    }
}
