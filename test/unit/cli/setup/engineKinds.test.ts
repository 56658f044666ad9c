import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";

import { expect } from "chai";
import type Docker from "dockerode";

import { stackOf } from "../../../../cli/stack/stackName";
import {
    freeNetworks,
    freePool,
    overlap,
    parseRoutes,
    takenNetworks,
} from "../../../../cli/setup/addressPool";
import { initSwarm, kindProblem, startBySystemd } from "../../../../cli/setup/engine";
import { temporaryFolder } from "../../../support/temporaryFolder";

describe("engines of several kinds", () => {
    const DOCKER = [{ Name: "Engine" }] as Docker.DockerVersion["Components"];
    const PODMAN = [{ Name: "Podman Engine" }] as Docker.DockerVersion["Components"];

    for (const [what, options, components, problem] of [
        ["an engine that runs as root", ["name=seccomp,profile=default", "name=cgroupns"], DOCKER, undefined],
        ["one that says nothing of itself", null, undefined, undefined],
        [
            "rootless Docker",
            ["name=seccomp,profile=default", "name=rootless"],
            DOCKER,
            /^it is rootless.*overlay.*\nSet DOCKER_HOST/s,
        ],
        ["Podman", ["name=rootlesskit"], PODMAN, /^it is Podman, which has no Swarm/],
    ] as const) {
        it(`are told apart: ${what}`, () => {
            const found = kindProblem(
                { SecurityOptions: options },
                { Components: components as typeof DOCKER },
            );
            if (problem === undefined) {
                expect(found).to.equal(undefined);
            } else {
                expect(found).to.match(problem);
            }
        });
    }

    it("give a new swarm addresses that nothing else has", () => {
        expect(freePool(["172.17.0.0/16", "192.168.1.0/24"])).to.equal(undefined);
        expect(freePool(["10.0.2.15/24"])).to.equal("10.255.0.0/16");
        expect(freePool(["10.0.0.0/16", "10.255.3.0/24"])).to.equal("10.254.0.0/16");
        expect(freePool(["10.0.0.0/8", "172.31.0.0/16"])).to.equal("172.30.0.0/16");
        expect(() => freePool(["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"])).to.throw(
            /--default-addr-pool/,
        );
    });

    it("give a lab the first networks in which no address is taken, as that of a name server", () => {
        expect(freeNetworks(["10.255.255.53/32", "10.253.0.0/24"]).slice(0, 2)).to.deep.equal([
            "10.254.0.0/16",
            "10.252.0.0/16",
        ]);
        expect(freeNetworks(["0.0.0.0/0"])).to.deep.equal([]);
    });

    it("overlap where one network is in the other, in either order", () => {
        expect(overlap("10.0.0.0/8", "10.1.2.0/24")).to.equal(true);
        expect(overlap("10.1.2.3/24", "10.0.0.0/8")).to.equal(true);
        expect(overlap("10.1.0.0/16", "10.2.0.0/16")).to.equal(false);
        expect(overlap("fd00::/8", "10.0.0.0/8")).to.equal(false);
    });

    it("have their machine's routes looked at, as the kernel lists them", () => {
        const table = [
            "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT",
            "eth0\t00000000\t0100000A\t0003\t0\t0\t0\t00000000\t0\t0\t0",
            "eth0\t0000000A\t00000000\t0001\t0\t0\t0\t000000FF\t0\t0\t0",
            "tun0\t0064A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0",
        ].join("\n");
        expect(parseRoutes(`${table}\n`)).to.deep.equal(["10.0.0.0/8", "192.168.100.0/24"]);
    });

    it("make a swarm beside their own pools and networks, and say nothing of addresses where none overlap", async () => {
        const asked: unknown[] = [];
        const engine = (pools: string[], subnets: string[]): Docker =>
            ({
                listNetworks: () =>
                    Promise.resolve([
                        { IPAM: { Config: subnets.map((Subnet) => ({ Subnet })) } },
                        { IPAM: { Config: null } },
                    ]),
                info: () =>
                    Promise.resolve({ DefaultAddressPools: pools.map((Base) => ({ Base, Size: 24 })) }),
                swarmInit: (options: unknown) => Promise.resolve(asked.push(options)),
            }) as unknown as Docker;
        const host = "ssh://me@far";
        const full = engine(["10.0.0.0/8"], ["172.31.0.0/16", "fd00::/64"]);
        expect(await takenNetworks(full, host)).to.deep.equal(["172.31.0.0/16", "10.0.0.0/8"]);
        await initSwarm({ docker: full, host });
        await initSwarm({ docker: engine([], ["172.17.0.0/16"]), host });
        expect(asked[0])
            .to.include({ SubnetSize: 24 })
            .and.to.deep.include({ DefaultAddrPool: ["172.30.0.0/16"] });
        expect(asked[1]).to.not.have.property("DefaultAddrPool");
    });

    describe("under systemd", () => {
        let folder: string;
        const path = process.env.PATH;
        temporaryFolder((made) => (folder = made));
        afterEach(() => {
            process.env.PATH = path;
        });

        it("start at the next boot too", async () => {
            const systemctl = join(folder, "systemctl");
            writeFileSync(systemctl, `#!/bin/sh\necho "$@" > ${join(folder, "asked")}\n`);
            chmodSync(systemctl, 0o755);
            process.env.PATH = [folder, path].join(delimiter);
            await startBySystemd();
            expect(readFileSync(join(folder, "asked"), "utf8")).to.equal("enable --now docker\n");
        });
    });

    it("are deployed to by an environment's long name, too", () => {
        const names = ["dev", "development", "staging", "prod", "production", "staging-eu"];
        expect(names.map(stackOf)).to.deep.equal(["dev", "dev", "staging", "prod", "prod", "staging-eu"]);
    });
});
