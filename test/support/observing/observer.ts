import { expect } from "chai";

import type { Client } from "../stack/client";

/** A line of the survey as the status page gives it. */
interface SurveyLine {
    samples: number;
    data: string;
}

/** A series of Prometheus with its value now. */
interface Sample {
    metric: Record<string, string>;
    value: [number, string];
}

/** What the status page tells of a decision to train again. */
export interface Decision {
    trigger: string;
    outcome: string;
    version?: string;
}

/** A part of a text as the status page gets it. */
type Node = string | [name: string, inner: Node[], address?: string];

/** What a stack's user asks of what observes it. */
export class Observer {
    constructor(private readonly client: Client) {}

    /** The value of each series that an expression of PromQL gives now. */
    async query(expression: string): Promise<{ labels: Record<string, string>; value: number }[]> {
        const url = `${this.client.outputs.prometheusUrl}/api/v1/query?query=${encodeURIComponent(expression)}`;
        const response = await this.client.request(url);
        const text = await response.text();
        expect(response.status, text).to.equal(200);
        const { data } = JSON.parse(text) as { data: { result: Sample[] } };
        return data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
    }

    /** The jobs of Prometheus all of whose targets answer. */
    async answering(): Promise<string[]> {
        const jobs = await this.query("min by (job) (up)");
        return jobs.flatMap(({ labels, value }) => (value === 1 ? [labels.job!] : [])).sort();
    }

    /** What the status page shows, as it asks for it. */
    async status(): Promise<Record<string, unknown>> {
        const response = await this.client.request(`${this.client.outputs.statusUrl}/data`);
        expect(response.status).to.equal(200);
        return (await response.json()) as Record<string, unknown>;
    }

    /** What was decided about training again, and what came of it, newest first. */
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

    /** Traces of the survey, every so many of them, as arrays of amplitudes. */
    async traces(): Promise<number[][]> {
        const url = `${this.client.outputs.statusUrl}/survey`;
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

    /** Has traces predicted, each multiplied by a gain, so many at a time that a replica remembers each of them. */
    async predict(traces: number[][], gain = 1): Promise<void> {
        const AT_ONCE = 64;
        for (let start = 0; start < traces.length; start += AT_ONCE) {
            const part = traces
                .slice(start, start + AT_ONCE)
                .map((trace) => trace.map((amplitude) => amplitude * gain));
            const response = await this.client.request(`${this.client.outputs.apiUrl}/batch_predict`, {
                method: "POST",
                headers: { "content-type": "application/json" },
                body: JSON.stringify({ traces: part }),
            });
            expect(response.status, await response.text()).to.equal(200);
        }
    }
}

/** A description's Markdown without its marks, but for those of code: it comes as a text, or [name, what is in it]. */
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
