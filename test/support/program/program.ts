import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import * as pulumi from "@pulumi/pulumi";
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";

import { CHECKOUT } from "../../../cli/local/paths";
import { parseTexts } from "../../../config/parse";
import { publishedPorts } from "../../../config/rules";
import { type Declared, withinOf } from "../../../policy/declared";
import { type Answers, withFakeEngine } from "../engine/fakeEngine";
import type { StateResource } from "../state/deletedFirst";
import { recordedState } from "./recording";

const PROJECT = "seismic-mlops";

/** The last output of a training run: docs/trainer-contract.md. */
const RESULT = JSON.stringify({
    ...{ version: "1", alias: "challenger", runId: "r", sha256: "0".repeat(64), reproduced: false },
    ...{ metrics: {}, dataSha256: "d", trainedAt: "2026-01-31T16:34:00Z" },
});

const NODE = {
    ...{ ID: "n", Spec: { Availability: "active" }, Status: { State: "ready" } },
    Description: { Resources: { NanoCPUs: 2e9, MemoryBytes: 8 * 2 ** 30 } },
};

/** A swarm's manager with only the stack's gateway, so that its ports need not be free on this machine. */
function engineOf(config: Readonly<Record<string, string>>): Answers {
    const ports = publishedPorts(parseTexts(config, PROJECT)).map(({ port }) => ({ PublishedPort: port }));
    const gateway = { Spec: { EndpointSpec: { Ports: ports } } };
    const name = `${PROJECT}-${config[`${PROJECT}:environment`]}-gateway`;
    return {
        ...{
            "/info": { Swarm: { NodeID: NODE.ID, Managers: 1 } },
            "/swarm": {},
            "/nodes": [NODE],
            "/tasks": [],
            "/services": [],
            "/networks": [],
        },
        ...{ "/containers/json": [], [`/services/${name}`]: gateway },
    };
}

/**
 * Everything that the program declares for a stack that is not up yet. This is index.ts itself, with mocks of Pulumi
 * and an empty engine.
 *
 * @param config the stack's configuration in Pulumi's form: texts by full key
 */
export async function declaredBy(config: Readonly<Record<string, string>>): Promise<Declared[]> {
    return (await stateOf(config)).map(({ urn, type, inputs }) => {
        return { type, name: urn.split("::").at(-1)!, within: withinOf(urn), props: inputs };
    });
}

/** The same resources as an exported state has them: with what depends on what. */
export async function stateOf(config: Readonly<Record<string, string>>): Promise<StateResource[]> {
    const inputs = new Map<string, unknown>();
    await pulumi.runtime.setMocks(
        {
            newResource: (args) => {
                inputs.set(`${args.type}::${args.name}`, args.inputs);
                const { id, state } = recordedState(args);
                return { id, state: { ...state, exitCode: 0, containerLogs: RESULT } };
            },
            call: ({ token }) => {
                if (token !== "pulumi:pulumi:readStackOutputs") {
                    throw new Error(`unexpected call of ${token}`);
                }
                return { outputs: {} };
            },
        },
        PROJECT,
        config[`${PROJECT}:environment`],
        true,
        "organization",
    );
    const monitor = pulumi.runtime.getMonitor() as unknown as MockMonitor;
    monitor.newUrn = fullUrn;
    const requests = new Map<string, RegisterResourceRequest>();
    const register = monitor.registerResource.bind(monitor);
    monitor.registerResource = (request, callback) => {
        requests.set(fullUrn(request.getParent(), request.getType(), request.getName()), request);
        return register(request, callback);
    };
    const folder = mkdtempSync(join(tmpdir(), "seismic-engine-"));
    const named = process.env.DOCKER_HOST;
    const prepareStackTrace = Object.getOwnPropertyDescriptor(Error, "prepareStackTrace");
    try {
        await withFakeEngine(folder, engineOf(config), async (host) => {
            pulumi.runtime.setAllConfig({ ...config, "docker:host": host });
            // Pulumi's plugin builds images at the engine of this variable.
            process.env.DOCKER_HOST = host;
            const { default: program } = (await import("../../../index")) as unknown as {
                default: () => Promise<Record<string, pulumi.Input<unknown>>>;
            };
            await pulumi.runtime.runInPulumiStack(program);
        });
    } finally {
        if (prepareStackTrace !== undefined) {
            // The program replaces this function in its own process.
            Object.defineProperty(Error, "prepareStackTrace", prepareStackTrace);
        }
        rmSync(folder, { recursive: true });
        if (named === undefined) {
            delete process.env.DOCKER_HOST;
        } else {
            process.env.DOCKER_HOST = named;
        }
    }
    const urns = [...monitor.resources.keys()].filter((urn) => !urn.includes("::pulumi:pulumi:Stack::"));
    return urns.map((urn) => {
        const [, , types, name] = urn.split("::");
        const type = types!.split("$").at(-1)!;
        const request = requests.get(urn);
        const dependencies: Record<string, string[]> = {};
        request?.getPropertydependenciesMap().forEach((it, property) => {
            dependencies[property] = it.getUrnsList();
        });
        return {
            ...{ type, urn, inputs: inputs.get(`${type}::${name}`) as StateResource["inputs"] },
            deleteBeforeReplace: request?.getDeletebeforereplace() ?? false,
            propertyDependencies: dependencies,
        };
    });
}

/** The replacement of Pulumi's engine. */
interface MockMonitor {
    readonly resources: ReadonlyMap<string, unknown>;
    newUrn: (parent: string | undefined, type: string, name: string) => string;
    registerResource: (request: RegisterResourceRequest, callback: () => void) => Promise<void>;
}

/**
 * A URN as Pulumi's engine makes it: with the types of all parents except the stack. Mocks keep only the last type.
 */
function fullUrn(parent: string | undefined, type: string, name: string): string {
    const types = parent?.split("::")[2];
    const isInside = types !== undefined && types !== "pulumi:pulumi:Stack";
    return `urn:pulumi:stack::${PROJECT}::${isInside ? `${types}$` : ""}${type}::${name}`;
}

/** The commit that is checked out. A stack of prod may pin it. */
export function headCommit(): string {
    return execFileSync("git", ["rev-parse", "HEAD"], { cwd: CHECKOUT, encoding: "utf8" }).trim();
}
