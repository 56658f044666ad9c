import { expect } from "chai";

import { certificateEnd } from "../../../components/gateway/certificate";
import { succeeds } from "../expectations";
import type { Config, TestStack } from "../stack/stack";
import type { Caller, Secured } from "./caller";
import { handshake } from "./certificates";

export interface OwnCertificateArgs {
    stackOf: () => TestStack;
    /** Gives the stack other values over its own. It has Prometheus. */
    configure: (config: Config) => void;
    /** The stack's outputs of now. */
    refresh: () => Promise<Secured>;
    /** Trusts the certificate of these outputs. */
    viewer: () => Caller;
}

/** The test of a certificate that the stack makes: it is kept, its end is watched, and it can be made anew. */
export function ownCertificate({ stackOf, configure, refresh, viewer }: OwnCertificateArgs): void {
    it("keeps a certificate of its own, watches its end, and makes another when it is told to", async () => {
        const stack = stackOf();
        configure({ tls: { selfSigned: true } });
        succeeds(await stack.up());
        const { certificate: former } = await refresh();
        const rotate = (...args: string[]) =>
            stack.script("rotate", "--stack", stack.name, "--only", "certificate", ...args);
        const dry = await rotate("--dry-run");
        succeeds(dry);
        expect(dry.output).to.include(`A new certificate would be made in ${stack.name}.`);
        succeeds(await stack.preview("--expect-no-changes"));

        succeeds(await rotate("--yes"));
        const { apiUrl, certificate, prometheusUrl } = await refresh();
        const { hostname, port } = new URL(apiUrl);
        const trusting = (ca: string) => handshake({ host: hostname, port: Number(port), ca });
        expect(await trusting(certificate)).to.match(/^TLSv1.3/);
        expect(await trusting(former)).to.match(/SELF_SIGNED/);
        expect((await viewer().ask(`${apiUrl}/version`)).status).to.equal(200);
        succeeds(await stack.preview("--expect-no-changes"));

        const { body: rules } = await viewer().ask(`${prometheusUrl}/api/v1/rules`);
        // Prometheus writes large numbers as 1.8e+09.
        const ends = [...rules.matchAll(/vector\(([\d.e+]+)\) - time\(\)/g)].map(([, end]) => Number(end));
        expect(certificateEnd(certificate)).to.be.above(certificateEnd(former));
        expect(ends).to.deep.equal([certificateEnd(certificate), certificateEnd(certificate)]);
    });
}
