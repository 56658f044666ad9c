import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { buildImage } from "../../../cli/setup/imageBuild";
import { selfSigned } from "../../../components/gateway/certificate";
import type { TestEngine } from "../engine/engine";
import { eventually } from "../expectations";
import { freePort } from "../freePort";
import { hostAddress } from "../observing/receivers";
import { Relay } from "./relay";

const IMAGE = "seismic-mlops/e2e-pebble:local";
const FOLDER = "/pebble";

/** An ACME server on this machine, which signs certificates that end soon. */
export interface AcmeServer {
    /** The address of its directory for a stack's tasks. */
    readonly directory: string;
    /** Who signed its own certificate, in PEM form. */
    readonly authority: string;
    /** Who signs the certificates that it gives, in PEM form. */
    readonly root: string;
    /** Refuses all connections from now on. */
    goAway(): Promise<void>;
    /** Answers again, as the same server. */
    comeBack(): Promise<void>;
    remove(): Promise<void>;
}

/**
 * Starts pebble, in the network of this machine: a stack's published ports are at its loopback address.
 *
 * @param host the name for which it gives certificates
 * @param httpPort the port at which it asks for proof
 * @param seconds how long its certificates are valid
 */
export async function startAcmeServer(
    engine: TestEngine,
    { host, httpPort, seconds }: { host: string; httpPort: number; seconds: number },
): Promise<AcmeServer> {
    const { docker } = engine;
    await buildImage(docker, { tag: IMAGE, context: "test/support/gateway/pebble" }, () => undefined);
    const address = await hostAddress(docker);
    const [port, own, management] = await Promise.all([freePort(), freePort(), freePort()]);
    // A pebble that starts anew is another server: it forgets its accounts and its authority.
    const relay = new Relay(address, port, own);
    const pem = await selfSigned([address]);
    const at = pem.indexOf("-----BEGIN PRIVATE KEY");
    const authority = pem.slice(0, at).trim();
    const folder = mkdtempSync(join(tmpdir(), "seismic-pebble-"));
    const config = {
        listenAddress: `${address}:${own}`,
        managementListenAddress: `${address}:${management}`,
        certificate: `${FOLDER}/certificate.pem`,
        privateKey: `${FOLDER}/key.pem`,
        httpPort,
        certificateValidityPeriod: seconds,
    };
    const files = {
        "config.json": JSON.stringify({ pebble: config }),
        "certificate.pem": authority,
        "key.pem": pem.slice(at),
    };
    for (const [name, text] of Object.entries(files)) {
        writeFileSync(join(folder, name), text, { mode: 0o644 });
    }
    chmodSync(folder, 0o755);
    const container = await docker.createContainer({
        name: engine.physical("pebble"),
        Image: IMAGE,
        // By default it sleeps before it asks, and refuses some requests, as tests of clients want it.
        Env: ["PEBBLE_VA_NOSLEEP=1", "PEBBLE_WFE_NONCEREJECT=0"],
        HostConfig: {
            Binds: [`${folder}:${FOLDER}:ro`],
            ExtraHosts: [`${host}:127.0.0.1`],
            NetworkMode: "host",
        },
    });
    const remove = async (): Promise<void> => {
        await relay.stop();
        await container.remove({ force: true, v: true });
        rmSync(folder, { recursive: true, force: true });
    };
    try {
        await container.start();
        await relay.start();
        const url = `https://${address}:${management}/roots/0`;
        const root = await eventually("pebble to answer", async () => {
            const text = await engine.exec(container.id, ["curl", "--insecure", "--silent", url]);
            return text.includes("-----BEGIN CERTIFICATE") && text;
        });
        const directory = `https://${address}:${port}/dir`;
        const [goAway, comeBack] = [() => relay.stop(), () => relay.start()];
        return { directory, authority, root, goAway, comeBack, remove };
    } catch (error) {
        await remove();
        throw error;
    }
}
