import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import type Docker from "dockerode";

import type { Deployment } from "../../../components/stack/deployment";

export interface Recorded {
    type: string;
    name: string;
    inputs: Record<string, unknown>;
}

/** Everything that the program registers, by type. An unknown call throws. */
export const recorded: Recorded[] = [];

function record(args: pulumi.runtime.MockResourceArgs): { id: string; state: Record<string, unknown> } {
    recorded.push({ type: args.type, name: args.name, inputs: args.inputs as Record<string, unknown> });
    return recordedState(args);
}

/** The state of a resource after it is made. */
export function recordedState(args: pulumi.runtime.MockResourceArgs): {
    id: string;
    state: Record<string, unknown>;
} {
    return {
        id: `${args.name}-id`,
        state: { result: "s3cret", name: args.name, ...(args.inputs as object) },
    };
}

/** The value of an output. */
export const value = <T>(output: pulumi.Output<T>): Promise<T> =>
    new Promise((resolve) => {
        output.apply(resolve);
    });

/** The inputs of the only resource of a type. */
export const only = (type: string): Record<string, unknown> => {
    const found = recorded.filter((resource) => resource.type === type);
    expect(found, type).to.have.length(1);
    return found[0]!.inputs;
};

/** An engine on which nothing exists yet. */
const emptyEngine = {
    getService: () => ({
        inspect: () => Promise.reject(Object.assign(new Error("none"), { statusCode: 404 })),
    }),
} as unknown as Docker;

/** A stack on that engine. */
export const deployment: Deployment = {
    prefix: "seismic-mlops-dev",
    project: "seismic-mlops",
    stack: "dev",
    environment: "dev",
    engine: emptyEngine,
    host: "localhost",
    local: true,
    monitorSeconds: 15,
    stateNode: "node1",
    managers: 1,
};

/** Registers a suite's components without an engine. An unknown call throws. */
export function recordResources(): void {
    before(async () => {
        await pulumi.runtime.setMocks(
            {
                newResource: record,
                call: (args) => {
                    throw new Error(`unexpected call of ${args.token}`);
                },
            },
            "seismic-mlops",
            "dev",
            true,
        );
    });
    beforeEach(() => {
        recorded.length = 0;
    });
}
