/** The part of MLflow that a check of a trainer asks, in memory, with a shortcut by which the fake trainer registers. */
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

interface Published {
    readonly sha256: string;
    readonly isRefused: boolean;
    readonly token: string;
    readonly environment: string;
}

const API = "/api/2.0/mlflow/";
const AT = "2026-01-31T16:34:00.820Z";

export class FakeMlflow {
    /** The tags of each. */
    private readonly versions: Map<string, string>[] = [];
    private fence = "";
    private readonly server: Server;

    constructor() {
        this.server = createServer((request, response) => {
            void this.answer(request).then((value) => {
                const missing = { error_code: "RESOURCE_DOES_NOT_EXIST", message: "not found" };
                response.writeHead(value === undefined ? 404 : 200);
                response.end(typeof value === "string" ? value : JSON.stringify(value ?? missing));
            });
        });
    }

    /** @returns its address */
    async start(): Promise<string> {
        await new Promise<void>((listens) => this.server.listen(0, "127.0.0.1", listens));
        return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    }

    stop(): void {
        this.server.close();
    }

    private async answer(request: IncomingMessage): Promise<unknown> {
        const url = new URL(request.url!, "http://fake");
        const body = await text(request);
        const given = body === "" ? undefined : (JSON.parse(body) as unknown);
        switch (url.pathname.replace(API, "")) {
            case "/fake/publish":
                return this.publish(given as Published);
            case "experiments/get-by-name":
                return {
                    experiment: { experiment_id: "1", tags: [{ key: "run_token", value: this.fence }] },
                };
            case "experiments/set-experiment-tag":
                this.fence = (given as { value: string }).value;
                return {};
            case "registered-models/alias":
                return url.searchParams.get("alias") === "challenger" ? this.version("1") : undefined;
            case "model-versions/get":
                return this.version(url.searchParams.get("version")!);
            case "runs/get":
                return { run: { info: { status: "FINISHED" }, data: { tags: this.tagsOf("1") } } };
            case "/get-artifact":
                return url.searchParams.get("path") === "expectations.json" ? '{"requests": []}' : undefined;
            default:
                throw new Error(`${request.method} ${request.url}`);
        }
    }

    private publish({ sha256, isRefused, token, environment }: Published): object {
        const at = this.versions.findIndex((tags) => tags.get("model_sha256") === sha256);
        const number = at < 0 ? this.versions.length + 1 : at + 1;
        if (at < 0) {
            const tags = { model_sha256: sha256, data_sha256: "d", environment, run_token: token };
            this.versions.push(new Map(Object.entries(tags)));
        }
        this.versions[number - 1]!.set("gate", isRefused ? "refused" : "none");
        return {
            version: String(number),
            runId: `run-${number}`,
            trainedAt: AT,
            sha256,
            alias: "challenger",
            reproduced: at >= 0,
            metrics: { rmse: 1 },
            dataSha256: "d",
            gate: { passed: !isRefused, reasons: isRefused ? ["rmse 1 is below the bound"] : [] },
        };
    }

    private version(number: string): object {
        return { model_version: { version: number, tags: this.tagsOf(number) } };
    }

    private tagsOf(number: string): { key: string; value: string }[] {
        return [...this.versions[Number(number) - 1]!].map(([key, value]) => ({ key, value }));
    }
}
