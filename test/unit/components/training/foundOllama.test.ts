import { expect } from "chai";

import { ollamaOf, ollamaUrls } from "../../../../components/training/foundOllama";
import { summaryBy, summaryVariables } from "../../../../components/training/runSummary";
import { recipeOf } from "../../../../components/training/trainingPlan";
import { parseConfig } from "../../../../config/parse";

describe("an Ollama that answers already", () => {
    it("is looked for where OLLAMA_HOST says, else at the engine's host as its containers reach it", () => {
        const host = "172.18.0.1";
        const here = [`http://${host}:11434`, "http://host.docker.internal:11434"];
        const table: [string | undefined, boolean, string[]][] = [
            [undefined, true, here],
            [undefined, false, here],
            ["", true, here],
            ["0.0.0.0", true, here],
            ["127.0.0.1:11434", true, here],
            ["localhost:9", true, [`http://${host}:9`, "http://host.docker.internal:9"]],
            [":9", true, [`http://${host}:9`, "http://host.docker.internal:9"]],
            ["http://0.0.0.0:80", true, [`http://${host}`, "http://host.docker.internal"]],
            ["127.0.0.1", false, []],
            ["gpu.example.org", true, ["http://gpu.example.org:11434"]],
            ["gpu.example.org:80", false, ["http://gpu.example.org:80"]],
            ["https://gpu.example.org", true, ["https://gpu.example.org"]],
            ["http://gpu.example.org:8080", true, ["http://gpu.example.org:8080"]],
            ["http://", true, []],
        ];
        for (const [given, local, urls] of table) {
            expect(ollamaUrls(given, local, host), `${given}, ${local}`).to.deep.equal(urls);
        }
        expect(ollamaUrls(undefined, true, undefined)).to.deep.equal(["http://host.docker.internal:11434"]);
    });

    const asking = (answers: Record<string, { status: number; body: string }>) => {
        const asked: string[] = [];
        const tryRequest = ({ url, method, seconds }: { url: string; method?: string; seconds?: number }) => {
            asked.push(`${method ?? "GET"} ${url} ${seconds}`);
            return Promise.resolve(answers[url]);
        };
        return { asked, inside: { tryRequest } };
    };
    const tags = (...names: string[]) => ({
        status: 200,
        body: JSON.stringify({ models: names.map((name) => ({ name })) }),
    });

    it("is used when it has the model, and asked for no more than its list", async () => {
        const { asked, inside } = asking({ "http://b/api/tags": tags("llama3.2:1b", "qwen:latest") });
        expect(await ollamaOf(inside, ["http://a", "http://b"], "llama3.2:1b")).to.deep.equal({
            url: "http://b",
        });
        expect(await ollamaOf(inside, ["http://b"], "qwen")).to.deep.equal({ url: "http://b" });
        expect(asked.slice(0, 2)).to.deep.equal(["GET http://a/api/tags 2", "GET http://b/api/tags 2"]);
    });

    it("is not made to pull one, and whatever else answers is none", async () => {
        const { inside } = asking({
            "http://a/api/tags": tags("other"),
            "http://b/api/tags": { status: 200, body: "<html>" },
            "http://c/api/tags": { status: 404, body: "" },
        });
        expect(await ollamaOf(inside, ["http://a"], "llama3.2:1b")).to.deep.equal({
            none: "Ollama at http://a has no model llama3.2:1b: ollama pull llama3.2:1b",
        });
        expect(await ollamaOf(inside, ["http://b", "http://c"], "m")).to.deep.equal({
            none: "no Ollama answers at http://b or http://c",
        });
    });

    it("is asked for in dev and staging, not in prod, and is no part of what makes a model", () => {
        const config = (values: object = {}) => parseConfig({ environment: "dev", ...values });
        expect(summaryVariables(config())).to.deep.equal({});
        expect(summaryVariables(config({ summary: { enabled: true } }))).to.deep.equal(
            summaryBy(config().summary, "http://ollama:11434"),
        );
        const release = { ref: "v1", commit: "c", dirty: false, trainer: "t" };
        const recipe = (enabled: boolean | "auto") =>
            recipeOf({ config: config({ summary: { enabled } }), release, image: "i", fingerprint: "f" });
        expect(new Set([recipe("auto"), recipe(true), recipe(false)]).size).to.equal(1);
    });
});
