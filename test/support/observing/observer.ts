import { expect } from "chai";

import type { Client } from "../stack/client";

/** A line of the survey in the status page's form. */
interface SurveyLine {
    samples: number;
    data: string;
}

/** A series of Prometheus with its present value. */
interface Sample {
    metric: Record<string, string>;
    value: [number, string];
}

/** A decision about retraining, as the status page shows it. */
export interface Decision {
    trigger: string;
    outcome: string;
    version?: string;
}

/** A part of a text in the status page's form. */
type Node = string | [name: string, inner: Node[], address?: string];

/** A stack's user, who asks the observing services. */
export class Observer {
    constructor(private readonly client: Client) {}

    /** The present value of each series of a PromQL expression. */
    async query(expression: string): Promise<{ labels: Record<string, string>; value: number }[]> {
        const url = `${this.client.outputs.prometheusUrl}/api/v1/query?query=${encodeURIComponent(expression)}`;
        const response = await this.client.request(url);
        const text = await response.text();
        expect(response.status, text).to.equal(200);
        const { data } = JSON.parse(text) as { data: { result: Sample[] } };
        return data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
    }

    /** The jobs of Prometheus with answers from all targets. */
    async answering(): Promise<string[]> {
        const jobs = await this.query("min by (job) (up)");
        return jobs.flatMap(({ labels, value }) => (value === 1 ? [labels.job!] : [])).sort();
    }

    /** The data of the status page, by the page's own request. */
    async status(): Promise<Record<string, unknown>> {
        const response = await this.client.request(`${this.client.outputs.statusUrl}/data`);
        expect(response.status).to.equal(200);
        return (await response.json()) as Record<string, unknown>;
    }

    /** The decisions about retraining and their results, newest first. */
    async decisions(): Promise<Decision[]> {
        const { registry } = (await this.status()) as { registry: { decisions: Decision[] } };
        return registry.decisions;
    }

    /** The description of the newest run in MLflow. */
    async lastDescription(): Promise<string> {
        const { registry } = (await this.status()) as {
            registry: { runs: { description: Node[] }[] };
        };
        return textOf(registry.runs[0]!.description);
    }

    /** Some traces of the survey at equal distances, as arrays of amplitudes. */
    async traces(): Promise<number[][]> {
        const url = `${this.client.outputs.statusUrl}/view/survey`;
        const { inline } = (await (await this.client.request(url)).json()) as {
            inline: { min: number; max: number; step: number };
        };
        const lines: number[] = [];
        for (let number = inline.min; number <= inline.max; number += inline.step) {
            lines.push(number);
        }
        const read = await Promise.all(
            lines.map(async (number) => {
                const response = await this.client.request(`${url}/line?inline=${number}`);
                return tracesOf((await response.json()) as SurveyLine);
            }),
        );
        return read.flat();
    }

    /**
     * Gets predictions for traces that are multiplied by a gain. The batches are so small that a replica remembers
     * each trace.
     */
    async predict(traces: number[][], gain = 1): Promise<void> {
        const AT_ONCE = 64;
        for (let start = 0; start < traces.length; start += AT_ONCE) {
            const part = traces
                .slice(start, start + AT_ONCE)
                .map((trace) => trace.map((amplitude) => amplitude * gain));
            await this.client.post("/batch_predict", JSON.stringify({ traces: part }));
        }
    }
}

/** A description's text without Markdown's marks, except those of code. A node is a text, or [name, content]. */
function textOf(nodes: readonly Node[]): string {
    return nodes
        .map((node) => {
            if (typeof node === "string") {
                return node;
            }
            const [name, inner] = node;
            return name === "code" ? `\`${textOf(inner)}\`` : textOf(inner);
        })
        .join("");
}

function tracesOf({ samples, data }: SurveyLine): number[][] {
    const bytes = Buffer.from(data, "base64");
    const all = Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4));
    return Array.from({ length: all.length / samples }, (_, row) =>
        all.slice(row * samples, (row + 1) * samples),
    );
}
