import { createPrivateKey } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import { selfSigned } from "../../../components/gateway/certificate";
import { readCertificate } from "../../../config/access/certificate";
import { parseConfig } from "../../../config/parse";
import { temporaryFolder } from "../../support/temporaryFolder";

const DAY_MS = 86_400_000;

describe("a stack's certificate", () => {
    let folder: string;
    temporaryFolder((made) => (folder = made));
    let chain: string;
    let key: string;
    let otherKey: string;

    before(async () => {
        [chain, key] = parts(await selfSigned(["ml.example.org", "10.0.0.5"]));
        [, otherKey] = parts(await selfSigned(["other.example.org"]));
    });

    const config = (certificate: string, access: object = {}) =>
        parseConfig({ environment: "dev", access, tls: { certificate } });
    /** What is said of a certificate; empty when it is taken. */
    const said = (
        certificate: string,
        its: string | undefined,
        access: object = {},
        now?: number,
    ): string[] => {
        try {
            readCertificate(config(certificate, access), its, now);
        } catch (error) {
            return (error as Error).message.split("\n").slice(1);
        }
        return [];
    };

    it("is taken as text or from a file, with its key", () => {
        const file = join(folder, "certificate.pem");
        writeFileSync(file, chain);
        for (const given of [chain, file]) {
            expect(readCertificate(config(given), key)).to.equal(chain.trim());
        }
        expect(readCertificate(parseConfig({ environment: "dev" }), undefined)).to.equal(undefined);
    });

    it("is taken for each name and address that it is for", () => {
        expect(said(chain, key, { url: "https://ml.example.org" })).to.deep.equal([]);
        expect(said(chain, key, { mlflow: "https://10.0.0.5:8443/mlflow" })).to.deep.equal([]);
    });

    it("is refused for another name", () => {
        const [problem, ...others] = said(chain, key, {
            url: "https://ml.example.com",
            api: "https://10.0.0.6",
        });
        expect(problem).to.match(
            /is for DNS:ml\.example\.org, IP Address:10\.0\.0\.5; access has ml\.example\.com, 10\.0\.0\.6/,
        );
        expect(others).to.deep.equal([]);
    });

    it("is refused when it has expired, or is not yet valid", () => {
        expect(said(chain, key, {}, Date.now() + 900 * DAY_MS)[0]).to.match(
            /: expired on .*; give its successor/,
        );
        expect(said(chain, key, {}, Date.now() - 2 * DAY_MS)[0]).to.match(/: is valid from .* only/);
    });

    it("is refused with another key, with no key, and with what is no key; the message shows none", () => {
        expect(said(chain, otherKey)[0]).to.match(/tlsKey: is not the key of tls\.certificate/);
        expect(said(chain, undefined)[0]).to.match(/tlsKey: missing;/);
        const canary = "canary-0815";
        expect(said(chain, canary)[0])
            .to.match(/tlsKey: is no private key in PEM form/)
            .and.not.include(canary);
        const locked = createPrivateKey(key).export({
            type: "pkcs8",
            format: "pem",
            cipher: "aes-256-cbc",
            passphrase: canary,
        });
        expect(said(chain, String(locked))[0])
            .to.match(/without a passphrase/)
            .and.not.include(canary);
    });

    it("is refused when it is none, with the path as it was given", () => {
        expect(said("missing.pem", key)[0]).to.match(/tls\.certificate: missing\.pem: has no certificate/);
        expect(said("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", key)[0]).to.match(
            /tls\.certificate: has no certificate/,
        );
    });

    it("is refused with a key beside it, which would be in the configuration in plain", () => {
        expect(said(`${chain}\n${key}`, key)[0])
            .to.match(/has a private key, which is a secret/)
            .and.not.include(key);
    });
});

/** A certificate, and its key. */
function parts(pem: string): [string, string] {
    const at = pem.indexOf("-----BEGIN PRIVATE KEY");
    return [pem.slice(0, at), pem.slice(at)];
}
