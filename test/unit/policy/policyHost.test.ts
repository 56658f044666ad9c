import { expect } from "chai";

import { UNKNOWN } from "../../../policy/declared";
import { container, declared, FACTS, faults, service } from "../../support/program/policies";

const VOLUME = "docker:index/volume:Volume";

describe("policies, of what opens the host", () => {
    describe("host-folders", () => {
        const of = (source: string) => ({ type: "bind", source, target: "/x", readOnly: true });

        for (const source of [
            ...[
                "/etc",
                "/etc/shadow",
                "/etc/../etc/ssh",
                "/var/lib/docker",
                "/var/lib/docker/volumes/x/_data",
            ],
            ...[
                "/var/lib",
                "/proc",
                "/proc/1/root",
                "/sys/fs/cgroup",
                "/dev",
                "/dev/sda",
                "/boot",
                "/usr/bin",
                "/usr",
            ],
            ...[
                "/root/.ssh",
                "/home/ada/.aws/credentials",
                "/home/ada/.docker",
                "/var/log",
                "/run/secrets",
                "relative",
            ],
        ]) {
            it(`refuses ${source}, however it is declared`, () => {
                const mounts = [of(source)];
                const driverOpts = { type: "none", o: "bind", device: source };
                const all = [
                    faults(service({ mounts })),
                    faults(container({ mounts })),
                    faults(container({ volumes: [{ hostPath: source, readOnly: true }] })),
                    faults(declared(VOLUME, { driverOpts })),
                ];
                expect(all.map((each) => each.length)).to.deep.equal([1, 1, 1, 1]);
                expect(all[0]).to.deep.equal([
                    `taskSpec.containerSpec.mounts[0]: got ${source}, which is or holds what is the host's own; ` +
                        "mount the folder that is needed and no other",
                ]);
            });
        }

        for (const source of [
            ...[
                "/data",
                "/srv/survey",
                "/home/ada/survey",
                "/root/survey",
                "/mnt/disk/x",
                "/media/ada/disk",
                "/tmp/x",
            ],
            ...[
                "/run/media/ada/disk/survey",
                "/dev/shm/survey",
                "/usr/local/share/survey",
                "/etcetera",
                "/var/data",
            ],
        ]) {
            it(`takes ${source}, to read`, () => {
                expect(faults(service({ mounts: [of(source)] }))).to.deep.equal([]);
                expect(faults(container({ mounts: [of(source)] }))).to.deep.equal([]);
                const written = { ...of(source), readOnly: false };
                expect(faults(container({ mounts: [written] }))).to.deep.equal([
                    `mounts[0]: got ${source} to write to; a folder of the host is mounted read-only`,
                ]);
                expect(faults(container({ volumes: [{ hostPath: source }] }))).to.have.length(1);
            });
        }

        it("follows links, and takes another machine's folder for what it is", () => {
            const facts = { ...FACTS, followed: (path: string) => (path === "/data/link" ? "/etc" : path) };
            expect(faults(service({ mounts: [of("/data/link")] }), undefined, facts)).to.have.length(1);
            const nfs = { type: "nfs", o: "addr=10.0.0.1", device: ":/etc/exported" };
            expect(faults(declared(VOLUME, { name: "v", driver: "local", driverOpts: nfs }))).to.deep.equal(
                [],
            );
        });
    });

    describe("known-fields", () => {
        const MOUNT = { type: "volume", source: "v", target: "/v" };
        const driver = {
            driverName: "local",
            driverOptions: { o: "bind", type: "none", device: "/var/run" },
        };
        const more: [string, object][] = [
            ["privileges", { privileges: { seLinuxContext: { disable: true } } }],
            ["hosts", { hosts: [{ host: "registry", ip: "10.0.0.1" }] }],
            ["dnsConfig", { dnsConfig: { nameservers: ["10.0.0.1"] } }],
            ["sysctl.kernel.shm_rmid_forced", { sysctl: { "kernel.shm_rmid_forced": "1" } }],
            ["mounts[0].volumeOptions", { mounts: [{ ...MOUNT, volumeOptions: driver }] }],
            ["mounts[0].bindOptions", { mounts: [{ ...MOUNT, bindOptions: { propagation: "shared" } }] }],
            ["mounts[0].type", { mounts: [{ ...MOUNT, type: "npipe" }] }],
            ["isolation", { isolation: "process" }],
            ["whateverComesNext", { whateverComesNext: "x" }],
        ];
        for (const [path, containerSpec] of more) {
            it(`refuses ${path} of a service`, () => {
                const [fault, ...others] = faults(service(containerSpec));
                expect(others).to.deep.equal([]);
                expect(fault!.startsWith(`taskSpec.containerSpec.${path}: got `), fault).to.equal(true);
            });
        }

        for (const props of [
            ...["pidMode", "ipcMode", "usernsMode", "cgroupnsMode"].map((key) => ({ [key]: "host" })),
            { networkMode: "container:gateway" },
            { securityOpts: ["seccomp=unconfined"] },
            { securityOpts: ["no-new-privileges:true", "apparmor=unconfined"] },
            { devices: [{ hostPath: "/dev/sda" }] },
            { deviceCgroupRules: ["a *:* rwm"] },
            { deviceRequests: [{ driver: "nvidia" }] },
            { gpus: "all" },
            { hosts: [{ host: "x", ip: "10.0.0.1" }] },
            { dns: ["10.0.0.1"] },
            { sysctls: { "net.ipv4.ip_forward": "1" } },
            { runtime: "runc-other" },
            { cgroupParent: "/" },
            { storageOpts: { size: "1g" } },
            { hosts: UNKNOWN },
        ]) {
            it(`refuses ${JSON.stringify(Object.keys(props)[0])} of a container`, () => {
                expect(faults(container(props))).to.have.length(1);
            });
        }

        it("takes what is as good as nothing, and Pulumi's own notes", () => {
            const nothing = {
                securityOpts: [],
                hosts: undefined,
                pidMode: "",
                devices: null,
                tty: false,
                gpus: "",
            };
            expect(faults(container({ ...nothing, __defaults: ["name"] }))).to.deep.equal([]);
        });

        it("refuses resources of other kinds, and networks that are the host's", () => {
            expect(faults(declared("docker:index/plugin:Plugin", { name: "x" }))).to.have.length(1);
            expect(faults(declared("docker:index/network:Network", { driver: "macvlan" }))).to.have.length(1);
            expect(faults(declared(VOLUME, { driver: "elsewhere/plugin" }))).to.have.length(1);
            expect(
                faults(declared("random:index/randomPassword:RandomPassword", { length: 24 })),
            ).to.deep.equal([]);
            const build = { context: ".", networkMode: "host" };
            const name = "seismic-mlops/x:0123456789abcdef";
            expect(faults(declared("docker:index/remoteImage:RemoteImage", { name, build }))).to.have.length(
                1,
            );
        });
    });

    describe("no-root", () => {
        for (const user of ["10001:0", "app:root", "10001:00"]) {
            it(`refuses the group of ${user}`, () => {
                expect(faults(service({ user }))).to.have.length(1);
                expect(faults(container({ user }))).to.have.length(1);
            });
        }
        it("refuses it among others, too", () => {
            expect(faults(service({ groups: ["10002", "0"] }))).to.have.length(1);
            expect(faults(container({ groupAdds: ["root"] }))).to.have.length(1);
            expect(faults(service({ groups: ["10002"] }))).to.deep.equal([]);
        });
    });
});
