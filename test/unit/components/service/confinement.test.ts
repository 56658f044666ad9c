import { execFileSync } from "node:child_process";

import { expect } from "chai";

import { confined } from "../../../../components/service/confinement";
import type { Declared } from "../../../../policy/declared";
import { CONTAINER, SERVICE } from "../../../../policy/tasks";
import { committedTexts } from "../../../support/program/stackFiles";
import { declaredBy } from "../../../support/program/program";

interface Mounted {
    type: string;
    source?: string;
    target: string;
    tmpfsOptions?: { sizeBytes: number };
}

interface File {
    fileName: string;
    fileUid: string;
    fileMode: number;
}

interface ServiceProps {
    taskSpec: {
        containerSpec: { commands: string[]; mounts: Mounted[]; secrets: File[]; configs: File[] };
        resources?: { limits?: { memoryBytes?: number } };
    };
}

/** The number of each user's name in the images. */
const NUMBERS: Readonly<Record<string, string>> = { haproxy: "100", postgres: "100", prometheus: "100" };

describe("the confinement of what runs", function () {
    this.timeout(60_000);
    let declared: Declared[];
    let services: { role: string; user: string; props: ServiceProps }[];

    before(async () => {
        declared = await declaredBy(
            committedTexts("Pulumi.staging.yaml", { retraining: { onDrift: true }, limits: LIMITS }),
        );
        services = declared
            .filter(({ type }) => type === SERVICE)
            .map(({ props }) => {
                const { name, taskSpec } = props as { name: string } & ServiceProps;
                const { user } = taskSpec.containerSpec as unknown as { user: string };
                return { role: name.replace("seismic-mlops-staging-", ""), user, props: { taskSpec } };
            });
    });

    it("limits each command's processes and the rights that it can gain", () => {
        for (const { role, props } of services) {
            const { commands } = props.taskSpec.containerSpec;
            expect(commands.slice(0, 5), role).to.deep.equal(confined([]));
        }
        const read = 'grep -E "^(Max processes|NoNewPrivs)" /proc/self/limits /proc/self/status; echo "$@"';
        const [shell, ...rest] = confined(["sh", "-c", read, "sh", "one", "two words"]) as string[];
        expect(execFileSync(shell!, rest, { encoding: "utf8" }).replace(/[ \t]+/g, " ")).to.equal(
            "/proc/self/limits:Max processes 16384 16384 processes \n/proc/self/status:NoNewPrivs: 1\none two words\n",
        );
    });

    it("gives each task a /tmp: on the disk for large files, else small and in memory", () => {
        const onDisk = services.filter(({ props }) => {
            const { mounts } = props.taskSpec.containerSpec;
            const [temporary, ...others] = mounts.filter(({ target }) => target === "/tmp");
            expect(others).to.deep.equal([]);
            const isSmall =
                temporary!.type === "tmpfs" && temporary!.tmpfsOptions!.sizeBytes === 64 * 2 ** 20;
            // A volume with a name would outlive the task.
            expect(isSmall || (temporary!.type === "volume" && temporary!.source === undefined)).to.equal(
                true,
            );
            return !isSmall;
        });
        const roles = ["mlflow", "retraining", "serving", "status"];
        expect(onDisk.map(({ role }) => role).sort()).to.deep.equal(roles);
    });

    it("gives each secret and each config to the user who reads it, and to nobody else", () => {
        const files = services.flatMap(({ user, props }) => {
            const { secrets, configs } = props.taskSpec.containerSpec;
            return [...secrets, ...configs].map((file) => ({ ...file, user }));
        });
        expect(files).to.have.length.above(7);
        for (const { fileName, fileUid, fileMode, user } of files) {
            const [name] = user.split(":") as [string];
            expect([fileUid, fileMode], fileName).to.deep.equal([NUMBERS[name] ?? name, 0o400]);
        }
    });

    it("bounds the memory of each service but retraining, by the configuration where it says so", () => {
        const bounds = new Map(
            services.map(({ role, props }) => [role, props.taskSpec.resources?.limits?.memoryBytes]),
        );
        expect(bounds.get("status")).to.equal(6 * 2 ** 30);
        expect(bounds.get("postgres")).to.equal(2 * 2 ** 30);
        const unlimited = [...bounds].filter(([, bytes]) => bytes === undefined);
        expect(unlimited.map(([role]) => role)).to.deep.equal(["retraining"]);
    });

    it("leaves the writer of the demo survey without a network, and both containers without rights", () => {
        const containers = declared.filter(({ type }) => type === CONTAINER);
        expect(containers).to.have.length(2);
        for (const { name, props } of containers) {
            const isWriter = name.endsWith("survey-demo");
            const network = (props as { networkMode?: string }).networkMode;
            expect(network, name).to.equal(isWriter ? "none" : undefined);
            expect(props, name).to.deep.include({
                readOnly: true,
                capabilities: { drops: ["ALL"] },
                securityOpts: ["no-new-privileges:true"],
                ulimits: [{ name: "nproc", soft: 16384, hard: 16384 }],
            });
            const temporary = { type: "volume", target: "/tmp" };
            expect((props as { mounts: Mounted[] }).mounts, name).to.deep.include(temporary);
        }
    });
});

const LIMITS = { status: { memory: "6g" } };
