import { expect } from "chai";

import { Client } from "./client";
import type { TestProject } from "./project";
import type { Config, TestStack } from "./stack";
import type { Ended } from "./types";

const LIMITS = { cpus: 2, memory: "2g" };

/** The stacks of three environments in one project. */
export class Trio {
    prod!: TestStack;
    dev!: TestStack;
    staging!: TestStack;
    readonly clients = {} as { staging: Client; prod: Client };

    constructor(
        readonly project: TestProject,
        private readonly make: (name: string) => Promise<TestStack>,
    ) {}

    /** Makes one of the stacks, and does not bring it up. */
    async init(environment: "dev" | "staging" | "prod"): Promise<TestStack> {
        return (this[environment] = await this.make(this.nameOf(environment)));
    }

    nameOf(environment: string): string {
        return `${this.project.name}-${environment}`;
    }

    /**
     * Writes staging's config in Pulumi's form. Otherwise Pulumi's first change would be larger than the intended
     * change.
     */
    configureStaging(): void {
        this.staging.configure({ environment: "staging", statusPage: "false" });
    }

    /** Writes prod's config in the same form. Its survey differs from the others'. */
    configureProd(config: Config = {}): void {
        this.prod.configure({
            environment: "prod",
            statusPage: "false",
            promoteFrom: this.nameOf("staging"),
            data: { source: "demo", traces: 3000, samples: 128, seed: 13 },
            mlflow: { port: this.prod.ports.mlflow, limits: LIMITS },
            training: { run: "on-change", trials: 2, limits: LIMITS },
            serving: { port: this.prod.ports.api, limits: LIMITS },
            tls: { endsBefore: true },
            ...config,
        });
    }

    promote(...args: string[]): Promise<Ended> {
        return this.prod.script("promote", "--from", this.nameOf("staging"), "--to", this.prod.name, ...args);
    }

    rollback(...args: string[]): Promise<Ended> {
        return this.prod.script("rollback", "--stack", this.prod.name, ...args);
    }

    /**
     * The things that a read-only command must not change: prod's state, its things on the engine, and the checkout.
     */
    async seenOfProd(): Promise<unknown> {
        const { output: state } = await this.prod.pulumi("stack", "export", "--stack", this.prod.name);
        return { state, things: (await this.prod.engine.left()).sort(), tree: this.project.status() };
    }

    /** Asks prod's MLflow. A body is sent as JSON. */
    askMlflow(path: string, body?: unknown, method = "POST"): Promise<Response> {
        const url = `${this.clients.prod.outputs.mlflowUrl}/api/2.0/mlflow/${path}`;
        const json = { method, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
        return this.clients.prod.request(url, body === undefined ? {} : json);
    }
}

/**
 * Checks that serving's volume has the model. The source's owner runs dev's tasks, the image's user runs staging's.
 */
export async function expectKept({ dev, staging }: Trio): Promise<void> {
    for (const stack of [dev, staging]) {
        const [serving] = await stack.engine.running("serving");
        const kept = await stack.engine.exec(serving!.Id, ["find", "/cache", "-name", "model.skops"]);
        expect(kept, stack.name).to.match(/^\/cache\/1-[0-9a-f]{64}-\w+\/model\.skops$/m);
    }
}

/** Checks that prod has no model, run or volume of staging. */
export async function expectNothingCrossed({ staging, prod, ...trio }: Trio): Promise<void> {
    const outputs = { staging: trio.clients.staging.outputs, prod: trio.clients.prod.outputs };
    expect(outputs.prod.model.sha256, "another survey").not.to.equal(outputs.staging.model.sha256);
    const [ofStaging, ofProd] = [await modelFiles(staging), await modelFiles(prod)];
    expect(ofProd).to.have.length(1);
    expect(ofStaging).to.have.length(1).and.not.include.members(ofProd);
    const run = outputs.staging.releases[0]!.runId;
    const url = `${outputs.prod.mlflowUrl}/api/2.0/mlflow/runs/get?run_id=${run}`;
    expect((await trio.clients.prod.request(url)).status, "staging's run in prod's MLflow").to.equal(404);
    const containers = await Promise.all(
        ["mlflow", "postgres", "serving", "training"].map((role) => prod.engine.containers(role)),
    );
    const volumes = containers.flat().flatMap(({ Mounts }) => Mounts.map(({ Name }) => Name ?? ""));
    expect(volumes).to.include(prod.engine.physical("mlflow-artifacts"));
    expect(volumes.filter((name) => name.includes(staging.name))).to.deep.equal([]);
}

/** Hashes of the model files in a stack's MLflow. */
async function modelFiles(stack: TestStack): Promise<string[]> {
    const [mlflow] = await stack.engine.running("mlflow");
    const find = "find /mlflow/artifacts -name '*.skops' -exec sha256sum {} + | cut -c1-64";
    return (await stack.engine.exec(mlflow!.Id, ["sh", "-c", find])).trim().split("\n");
}

/** Checks that prod's networks and credentials reach nothing of staging. */
export async function expectNoWayAcross({ staging, prod, clients }: Trio): Promise<void> {
    const roles = ["mlflow", "postgres", "serving", "gateway"];
    const networks = async (stack: TestStack) => {
        const containers = await Promise.all(roles.map((role) => stack.engine.running(role)));
        return containers
            .flat()
            .flatMap((it) => Object.values(it.NetworkSettings.Networks).map((n) => n.NetworkID));
    };
    const [ofStaging, ofProd] = [await networks(staging), await networks(prod)];
    expect(new Set(ofProd), "prod's two networks").to.have.length(2);
    expect(ofStaging).to.have.length.above(3);
    expect(ofStaging.filter((it) => ofProd.includes(it))).to.deep.equal([]);
    const url = `${clients.staging.outputs.mlflowUrl}/api/2.0/mlflow/experiments/search`;
    expect((await clients.prod.request(url)).status).to.equal(401);
    const { output } = await prod.pulumi("stack", "export", "--stack", prod.name, "--show-secrets");
    expect(output).to.include(clients.prod.outputs.password);
    expect(output).not.to.include(clients.staging.outputs.password);
}
