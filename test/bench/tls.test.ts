import { mkdtempSync, rmSync, chmodSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import type Docker from "dockerode";

import { run } from "../../cli/local/processes";
import { ensureEngine } from "../../cli/setup/engine";
import { buildImage } from "../../cli/setup/imageBuild";
import { pipInstall } from "../../cli/setup/pip";
import { prepare } from "../../cli/setup/prepare";
import { selfSigned } from "../../components/gateway/certificate";
import { imageTag } from "../../components/image/sourceImage";
import { servingEndpoint } from "../../components/serving/modelServing";
import { startGateway, type Standalone, type Wanted } from "../support/gateway/standalone";

const GATEWAY = { context: "images/gateway", repository: "seismic-mlops/gateway" };
const HOST = "localhost";
const NAME = `seismic-tls-${process.pid}`;

/** By night only, because the scanner comes from the Python package index. */
describe("the gateway's TLS", () => {
    let docker: Docker;
    let folder: string;
    let python: string;
    let gateway: Standalone | undefined;

    before(async () => {
        await prepare();
        ({ docker } = await ensureEngine());
        await buildImage(docker, { tag: imageTag(GATEWAY), context: GATEWAY.context }, () => undefined);
        await docker.createNetwork({ Name: NAME, Driver: "bridge" });
        folder = mkdtempSync(join(tmpdir(), "seismic-tls-"));
        chmodSync(folder, 0o755);
        const wanted = { situation: "sslyze is not there", remedy: "give python3 a pip" };
        python = await pipInstall(
            join(folder, "sslyze"),
            "toolchain/scanners/sslyze/requirements.txt",
            wanted,
            () => undefined,
        );
    });
    afterEach(async () => {
        await gateway?.remove();
        gateway = undefined;
    });
    after(async () => {
        await docker.getNetwork(NAME).remove();
        rmSync(folder, { recursive: true });
    });

    const differences = async (more: Partial<Wanted>) => {
        gateway = await startGateway(docker, folder, {
            ...{ name: `${NAME}-${Object.keys(more).length}`, image: imageTag(GATEWAY), network: NAME },
            endpoint: servingEndpoint({ port: 8000, replicas: 1, limits: {}, reservations: {} }, []),
            ...{ password: "a-password-of-24-letters", certificate: await selfSigned([HOST]) },
            ...{ published: true, ...more },
        });
        const port = await gateway.publishedPort();
        const { code, stdout, tail } = await run(
            python,
            ["test/support/gateway/grade.py", HOST, String(port)],
            { env: { ...process.env, PYTHONPATH: join(folder, "sslyze") } },
        );
        expect(code, tail).to.equal(0);
        return JSON.parse(stdout) as Record<"modern" | "intermediate", Record<string, string>>;
    };

    it("is Mozilla's intermediate, and modern but for TLS 1.2, which older clients need", async () => {
        const { intermediate, modern } = await differences({});
        expect(intermediate).to.deep.equal({});
        expect(Object.keys(modern).sort()).to.deep.equal(["ciphers", "tls_versions"]);
    });

    it("would be told if it took an old version of TLS", async () => {
        const weak = (settings: string) =>
            settings
                .replace("ssl-min-ver TLSv1.2", "ssl-min-ver TLSv1.0")
                .replace(/ssl-default-bind-ciphers .*/, "ssl-default-bind-ciphers ALL:@SECLEVEL=0");
        const { intermediate } = await differences({ changed: weak });
        expect(intermediate).to.include.keys("tls_versions", "ciphers");
    });
});
