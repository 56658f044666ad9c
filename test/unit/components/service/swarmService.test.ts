import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import type Docker from "dockerode";

import { deployment, recordedState, value } from "../../../support/program/recording";

/** The variables that a service was declared with. */
interface Declared {
    taskSpec: { containerSpec: { env: Record<string, string> } };
}

describe("the deployment of a service", () => {
    let declared: Declared | undefined;
    before(async () => {
        const mocks: pulumi.runtime.Mocks = {
            newResource: (args) => {
                if (args.type === "docker:index/service:Service") {
                    declared = args.inputs as Declared;
                }
                return recordedState(args);
            },
            call: ({ token }) => {
                throw new Error(`unexpected call of ${token}`);
            },
        };
        await pulumi.runtime.setMocks(mocks, "seismic-mlops", "dev", false);
    });

    it("is followed once, and an idle service costs one look at it and one at its tasks", async () => {
        const asked: string[] = [];
        const note = <T>(what: string, answer: T): Promise<T> => {
            asked.push(what);
            return Promise.resolve(answer);
        };
        const spec = () => ({
            ContainerSpec: {
                Env: Object.entries(declared!.taskSpec.containerSpec.env).map((it) => it.join("=")),
            },
        });
        const ago = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString();
        const missing = Object.assign(new Error("none"), { statusCode: 404 });
        const engine = {
            info: () => note("clock", { SystemTime: ago(0) }),
            getService: () => ({
                inspect: () =>
                    declared === undefined
                        ? Promise.reject(missing)
                        : note("service", {
                              Spec: { TaskTemplate: spec(), Mode: { Replicated: { Replicas: 1 } } },
                          }),
            }),
            listTasks: () =>
                note("tasks", [
                    {
                        ...{ ID: "t", DesiredState: "running", CreatedAt: ago(100), UpdatedAt: ago(90) },
                        ...{ Spec: spec(), Status: { State: "running" } },
                    },
                ]),
        } as unknown as Docker;
        const { SwarmService } = await import("../../../../components/service/swarmService");
        const service = new SwarmService("web", {
            ...{ deployment: { ...deployment, engine }, role: "web", network: "n", image: "repo/web:1" },
            ...{ user: "web", command: ["serve"], replicas: 1, order: "start-first" },
            healthcheck: { test: ["true"], startSeconds: 60 },
        });
        const names = await Promise.all([value(service.healthy), value(service.proven)]);
        expect(names).to.deep.equal(["seismic-mlops-dev-web", "seismic-mlops-dev-web"]);
        expect(asked.sort()).to.deep.equal(["clock", "service", "tasks"]);
    });
});
