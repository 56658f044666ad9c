import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import type Docker from "dockerode";

import { SurveyData } from "../../../../components/data/surveyData";
import { parseConfig } from "../../../../config/parse";
import { deployment, type Recorded, recordedState, value } from "../../../support/program/recording";

const CONTAINER = "docker:index/container:Container";
const FIXED = "seismic-mlops-dev-survey-demo";

/** A container of the role on the engine. */
interface Left {
    name: string;
    status: string;
    command?: string[];
}

/** The declarations of a demo survey on an engine with these containers, and the removed containers. */
async function declares(left: Left[], released: boolean, isPreview: boolean) {
    const recorded: Recorded[] = [];
    const mocks: pulumi.runtime.Mocks = {
        newResource: (args) => {
            recorded.push({ type: args.type, name: args.name, inputs: args.inputs as Recorded["inputs"] });
            const { id, state } = recordedState(args);
            return { id, state: { ...state, exitCode: 0, containerLogs: "" } };
        },
        call: ({ token }) => {
            throw new Error(`unexpected call of ${token}`);
        },
    };
    await pulumi.runtime.setMocks(mocks, "seismic-mlops", "dev", isPreview);
    const removed: string[] = [];
    const missing = Object.assign(new Error("none"), { statusCode: 404 });
    const engine = {
        listContainers: ({ filters }: { filters: { status?: string[] } }) =>
            Promise.resolve(
                left
                    .filter(({ status }) => filters.status?.includes(status) ?? true)
                    .filter(({ name }) => !removed.includes(name))
                    .map(({ name }) => ({ Id: name, Created: 1 })),
            ),
        getContainer: (name: string) => ({
            remove: () => Promise.resolve(void removed.push(name)),
            inspect: () => {
                const found = left.find((it) => it.name === name && !removed.includes(name));
                return found === undefined
                    ? Promise.reject(missing)
                    : Promise.resolve({ Config: { Cmd: found.command } });
            },
        }),
    } as unknown as Docker;
    const { data, trainer } = parseConfig({ environment: "dev" });
    const survey = new SurveyData("survey", {
        ...{ deployment: { ...deployment, engine }, source: data, trainer, image: "repo/trainer:1" },
        releases: released ? [{}] : [],
    });
    await value(survey.mount);
    const { name, inputs } = recorded.find(({ type }) => type === CONTAINER)!;
    return { resource: name, name: inputs.name, command: inputs.command as string[], removed };
}

describe("the container that writes the demo survey", () => {
    it("is named by Pulumi, so that one which a killed update left does not stand in its way", async () => {
        const left = [
            { name: FIXED, status: "exited" },
            { name: `${FIXED}-1a2b3c4`, status: "running" },
        ];
        const { resource, name, removed } = await declares(left, false, false);
        expect([resource, name]).to.deep.equal([FIXED, undefined]);
        expect(removed).to.have.members(left.map((it) => it.name));
    });

    it("never runs twice at a time: what was left running ends before", async () => {
        const left = [{ name: FIXED, status: "running" }];
        expect((await declares(left, true, false)).removed).to.deep.equal([FIXED]);
    });

    it("removes nothing in a preview", async () => {
        const left = [{ name: FIXED, status: "running" }];
        expect((await declares(left, false, true)).removed).to.deep.equal([]);
    });

    it("keeps its name in a stack of before, whose survey stays as it is", async () => {
        const { command } = await declares([], false, true);
        const stands = [{ name: FIXED, status: "exited", command }];
        expect((await declares(stands, true, true)).name).to.equal(FIXED);
    });

    it("has a new name where its parameters are others", async () => {
        const before = [{ name: FIXED, status: "exited", command: ["demo", "--seed=0"] }];
        expect((await declares(before, true, true)).name).to.equal(undefined);
    });
});
