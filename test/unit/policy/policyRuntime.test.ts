import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";

import { applyPolicies } from "../../../policy/program";
import { recordedState } from "../../support/program/recording";

/** What every policy asks of a container. */
const ORDINARY = { cpus: "1.0", memory: 512, readOnly: true, capabilities: { drops: ["ALL"] } };
const IMAGE = "seismic-mlops/trainer:0123456789abcdef";

describe("policies, within the program", () => {
    /** The refusals of a program, and the names of the resources that it made nevertheless. */
    async function ran(program: () => void): Promise<{ refused: string[]; made: string[] }> {
        const [refused, made]: string[][] = [[], []];
        const newResource = (args: pulumi.runtime.MockResourceArgs) => {
            made!.push(args.name);
            return recordedState(args);
        };
        const call = () => {
            throw new Error("unexpected call");
        };
        await pulumi.runtime.setMocks({ newResource, call }, "seismic-mlops", "dev", false);
        let over = (): void => undefined;
        const ended = new Promise<void>((resolve) => (over = resolve));
        const running = pulumi.runtime.runInPulumiStack(async () => {
            applyPolicies((message) => {
                refused!.push(message);
                over();
                // The end of the program does the same: nothing waits any longer.
                return new Promise(() => undefined);
            });
            program();
            await Promise.resolve();
        });
        await Promise.race([ended, running.then(() => pulumi.runtime.disconnect())]);
        return { refused: refused!, made: made! };
    }
    const container = (more: object, opts: pulumi.CustomResourceOptions = {}) =>
        new docker.Container("it", { image: IMAGE, user: "10001", ...ORDINARY, ...more }, opts);

    it("let an ordinary resource be made, with what it depends on", async () => {
        const { refused, made } = await ran(() => {
            const volume = new docker.Volume("v");
            container({}, { dependsOn: volume });
        });
        expect(refused).to.deep.equal([]);
        expect(made).to.include.members(["v", "it"]);
    });

    for (const [what, more, says] of [
        ["a value", { privileged: true }, /^policy no-privileges: it: privileged: got true;/],
        ["an output", { user: pulumi.output("root") }, /^policy no-root: it: user: got root;/],
        [
            "a secret",
            { envs: [pulumi.secret("API_TOKEN=hunter2")] },
            /^policy no-plain-secrets: it: API_TOKEN:/,
        ],
        [
            "what is deep within",
            { mounts: [pulumi.output({ type: "bind", source: "/etc", target: "/x", readOnly: true })] },
            /^policy host-folders: it: mounts\[0\]: got \/etc,/,
        ],
        ["a field that nobody listed", { pidMode: "host" }, /^policy known-fields: it: pidMode: got host;/],
    ] as const) {
        it(`refuse ${what} before the resource is made, and say which policy and resource`, async () => {
            const { refused, made } = await ran(() => void container(more));
            expect(refused).to.have.length(1);
            expect(refused[0]).to.match(says).and.not.include("hunter2");
            expect(made).not.to.include("it");
        });
    }

    it("know the component that a resource is within, which an exemption is for", async () => {
        const told = (type: string) => () => {
            const parent = new pulumi.ComponentResource(type, "whole");
            container({ envs: ["RUN_TOKEN=t"] }, { parent });
        };
        expect((await ran(told("seismic:platform:TrainingRun"))).refused).to.deep.equal([]);
        expect((await ran(told("seismic:platform:Gateway"))).refused).to.have.length(1);
    });

    it("have nothing to do with other resources", async () => {
        const { refused } = await ran(() => void new pulumi.ComponentResource("elsewhere:index:Thing", "x"));
        expect(refused).to.deep.equal([]);
    });
});
