import { expect } from "chai";

import { parseConfig } from "../../../../config/parse";
import { onlyServing } from "../../../support/gateway/inside";
import { deployment, recorded, recordResources, value } from "../../../support/program/recording";

interface Container {
    user: string;
    commands: string[];
    mounts: { source?: string; target: string; readOnly?: boolean }[];
    configs: { fileName: string }[];
}

describe("a certificate by ACME", () => {
    recordResources();

    const make = async (tls: object, authority?: string) => {
        recorded.length = 0;
        const { Gateway } = await import("../../../../components/gateway/gateway");
        const { servingEndpoint } = await import("../../../../components/serving/modelServing");
        const { certificateOf } = await import("../../../../components/gateway/certificate");
        const config = parseConfig({ environment: "dev", serving: { port: 8002 }, tls });
        const gateway = new Gateway("gateway", {
            ...{
                deployment,
                ...onlyServing(),
                endpoints: [servingEndpoint(config.serving, [])],
                trusted: [],
                logSample: 1,
            },
            users: { roles: {}, given: undefined, giving: [] },
            certificate: certificateOf(deployment, config, { authority }),
        });
        await value(gateway.service.healthy);
        await (gateway.acme === undefined ? undefined : value(gateway.acme.service.healthy));
        const container = (role: string) => {
            const name = `${deployment.prefix}-${role}`;
            const found = recorded.find(
                ({ type, inputs }) => type === "docker:index/service:Service" && inputs.name === name,
            );
            return (found?.inputs.taskSpec as { containerSpec: Container } | undefined)?.containerSpec;
        };
        const front = recorded.find(({ name }) => name === "gateway-service")!.inputs;
        return { gateway, container, ports: (front.endpointSpec as { ports: unknown[] }).ports };
    };
    const ACME = { acme: "ops@example.org", hosts: ["ml.example.org", "api.example.org"] };

    it("is got by a service that writes a volume, which the gateway's tasks only read", async () => {
        const { container, gateway } = await make(ACME);
        const volume = { type: "volume", source: "seismic-mlops-dev-certificates", target: "/certificates" };
        const [acme, access] = [container("acme")!, container("access")!];
        expect(acme.user).to.equal("10001:101");
        expect(acme.mounts.slice(1)).to.deep.equal([{ ...volume, readOnly: false }]);
        expect(access.mounts.slice(1)).to.deep.equal([{ ...volume, readOnly: true }]);
        expect(acme.commands).to.include.members([
            ...["ACME_EMAIL=ops@example.org", "ACME_HOSTS=ml.example.org,api.example.org"],
            "ACME_SERVER=https://acme-v02.api.letsencrypt.org/directory",
        ]);
        expect(acme.configs).to.deep.equal([]);
        expect(access.commands.slice(-5)).to.deep.equal([
            ...["/certificates/certificate.pem", "/tmp/certificate.pem", "/tmp/haproxy.sock"],
            ...["access", "/etc/haproxy/stack.cfg"],
        ]);
        expect(gateway.certificate).to.equal(undefined);
    });

    it("has its own port published, and trusts the authority that is given", async () => {
        const acmeServer = "https://acme.example.org/dir";
        const { container, ports } = await make({ ...ACME, acmeServer, httpPort: 8080 }, "PEM");
        expect(ports).to.deep.equal([
            { publishedPort: 8002, targetPort: 8002, protocol: "tcp", publishMode: "host" },
            { publishedPort: 8080, targetPort: 8080, protocol: "tcp", publishMode: "host" },
        ]);
        const { commands, configs } = container("acme")!;
        expect(commands).to.include.members([
            ...[`ACME_SERVER=${acmeServer}`, "LEGO_CA_CERTIFICATES=/etc/acme/authority.pem"],
        ]);
        expect(configs.map(({ fileName }) => fileName)).to.deep.equal(["/etc/acme/authority.pem"]);
        const text = recorded.find(({ name }) => name === `${deployment.prefix}-haproxy`)!.inputs.data;
        const settings = Buffer.from(text as string, "base64").toString();
        expect(settings).to.include("redirect code 308 prefix 'https://ml.example.org:8002'");
    });

    it("changes nothing of a stack with another certificate", async () => {
        const { container } = await make({ selfSigned: true });
        expect(container("acme")).to.equal(undefined);
        const access = container("access")!;
        expect(access.mounts).to.have.length(1);
        expect(access.commands.slice(-2)).to.deep.equal(["access", "/etc/haproxy/stack.cfg"]);
        expect(access.commands.join(" ")).not.to.match(/openssl|certificate/);
    });
});
