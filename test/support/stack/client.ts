import { expect } from "chai";

import { firstDifference, parseExpectations } from "../../../components/release/smokeTest";
import { Asking, type Failure } from "../asking";
import type { TestStack } from "./stack";
import type { Ended, Outputs } from "./types";

const PAUSE_MS = 100;

/** A stack's user: sends requests through the gateway, with the stack's credentials. */
export class Client {
    constructor(
        private readonly stack: TestStack,
        public outputs: Outputs,
    ) {}

    static async of(stack: TestStack): Promise<Client> {
        return new Client(stack, await stack.outputs());
    }

    /** Reads the stack's outputs again. */
    async refresh(): Promise<Outputs> {
        this.outputs = await this.stack.outputs();
        return this.outputs;
    }

    /** A request to the API or to MLflow. */
    async request(url: string, init: RequestInit = {}, password = this.outputs.password): Promise<Response> {
        const credentials = Buffer.from(`${this.outputs.username}:${password}`).toString("base64");
        return fetch(url, { ...init, headers: { ...init.headers, authorization: `Basic ${credentials}` } });
    }

    /** A trace of the survey in the form that predictions take. */
    sample(): Promise<Response> {
        return this.request(`${this.outputs.apiUrl}/sample`);
    }

    /** A prediction for the serving model's sample trace. */
    async predict(): Promise<{ class: string; version: string }> {
        const sample = await (await this.sample()).text();
        return (await this.post("/predict", sample)) as { class: string; version: string };
    }

    /** The API's answer to a body of JSON. It must be a success. */
    async post(path: string, body: string): Promise<unknown> {
        const init = { method: "POST", headers: { "content-type": "application/json" }, body };
        const response = await this.request(`${this.outputs.apiUrl}${path}`, init);
        const text = await response.text();
        expect(response.status, text).to.equal(200);
        return JSON.parse(text);
    }

    /** An artifact of the run that made the newest release. */
    async artifact(name: string): Promise<string> {
        const { mlflowUrl, releases } = this.outputs;
        const query = `path=${name}&run_uuid=${releases[0]!.runId}`;
        return (await this.request(`${mlflowUrl}/get-artifact?${query}`)).text();
    }

    /** Checks that the gateway gives the answers that the training run stored for the serving version. */
    async answersAsTrained(): Promise<void> {
        const { requests } = parseExpectations(await this.artifact("expectations.json"));
        expect(requests.map(({ path }) => path)).to.deep.equal(["/predict", "/batch_predict"]);
        for (const { path, body, answer } of requests) {
            const given = await this.post(path, JSON.stringify(body));
            expect(firstDifference("", answer, given), path).to.equal(undefined);
        }
    }

    /** Checks that the model of the last outputs serves. */
    async servesOn(): Promise<void> {
        expect((await this.predict()).version).to.equal(this.outputs.model.version);
    }

    /** Asks for predictions while work is under way. None may fail. */
    async servesDuring<T>(work: Promise<T>): Promise<T> {
        return (await this.versionsDuring(work)).result;
    }

    /** Asks for predictions while work is under way, and returns the failures with their times. */
    async failuresDuring(work: Promise<Ended>): Promise<{ ended: Ended; failures: Failure[] }> {
        const asking = new Asking(() => this.predict(), PAUSE_MS);
        try {
            return { ended: await work, failures: asking.failures };
        } finally {
            await asking.end();
        }
    }

    /** Asks for predictions while work is under way. Returns the versions that answered, in order. */
    async versionsDuring<T>(work: Promise<T>): Promise<{ result: T; versions: string[] }> {
        const versions: string[] = [];
        const asking = new Asking(async () => {
            const { version } = await this.predict();
            if (versions.at(-1) !== version) {
                versions.push(version);
            }
        }, PAUSE_MS);
        try {
            return { result: await work, versions };
        } finally {
            await asking.end();
            expect(asking.failures, "predictions that failed").to.deep.equal([]);
        }
    }
}
