import { z } from "zod";

import { parseJson } from "../../common/json";
import { waitFor } from "../../common/time";
import { checkOf } from "../../contract/checks";
import { EXPECTATIONS, type Given, type ServedField } from "../../contract/names";
import { type InsideResponse, NoAnswer, type Sender } from "../../engine/streams/insideHttp";

/** The largest difference between a number of an answer and the stored number. */
const TOLERANCE = 1e-6;
/** Within this time, the gateway notices which tasks came and went. */
const SETTLE_MS = 10_000;
const POLL_MS = 250;

/** The questions to the gateway, and the answers that it must give. */
export interface SmokeTest {
    /** The API's address on the gateway, and its credentials. */
    api: string;
    credentials: { username: string; password: string };
    model: { version: string; sha256: string };
    /** Requests and answers that the trainer stored with the version: docs/trainer-contract.md. */
    expectations: Expectations | undefined;
}

/** Real requests, and the answers that the served version must give: contract/trainer.schema.json. */
export interface Expectations {
    requests: { path: string; body?: unknown; answer?: unknown }[];
}

/** @throws Error when the text does not follow the contract */
export function parseExpectations(text: string): Expectations {
    return checkOf("expectations").parse(JSON.parse(text)) as Expectations;
}

/**
 * Asks the gateway for its version and for predictions with known answers, as a user does.
 *
 * @param settleMs milliseconds in which another version may still answer
 * @returns the problems, a sentence each; empty when every answer is right
 */
export async function smokeTest(http: Sender, test: SmokeTest, settleMs = SETTLE_MS): Promise<string[]> {
    const ask = (path: string, json?: unknown) =>
        http.request({
            method: json === undefined ? "GET" : "POST",
            url: `${test.api}${path}`,
            json,
            credentials: test.credentials,
            ownName: false,
        });
    try {
        const problem = await wrongVersion(test, settleMs, () => ask("/version"));
        if (problem !== undefined) {
            return [problem];
        }
        const problems: string[] = [];
        for (const { path, body, answer } of test.expectations?.requests ?? []) {
            problems.push(...wrongAnswer(path, answer, await ask(path, body)));
        }
        if (problems.some((it) => it.endsWith(REFUSED))) {
            problems.push(DISAGREE);
        }
        return problems;
    } catch (error) {
        if (error instanceof NoAnswer) {
            return [`the gateway does not answer: ${error.message}`];
        }
        throw error;
    }
}

/** Whether another version still answers when the old tasks are gone from the gateway's list. */
async function wrongVersion(
    { model }: SmokeTest,
    settleMs: number,
    ask: () => Promise<InsideResponse>,
): Promise<string | undefined> {
    const fields = { model_version: z.string(), model_sha256: z.string() };
    const schema = z.object(fields satisfies Given<ServedField, z.ZodType>);
    let last = "";
    const isIt = await waitFor(
        async () => {
            const { status, body } = await ask();
            last = `${status} ${body.slice(0, 200)}`;
            const said = schema.safeParse(status === 200 ? parseJson(body) : undefined).data;
            return (said?.model_version === model.version && said.model_sha256 === model.sha256) || undefined;
        },
        { ms: settleMs, everyMs: POLL_MS },
    );
    return isIt
        ? undefined
        : `/version: got ${last}; expected version ${model.version} with sha256 ${model.sha256}`;
}

const REFUSED = "serving refuses what the trainer stored as an example";
const DISAGREE =
    "Training and serving do not agree on what a request may hold. No retry mends it: make both accept the same " +
    `(docs/trainer-contract.md, ${EXPECTATIONS}), and train again.`;
/** Status codes by which HTTP and frameworks refuse a body. */
const REFUSALS = [400, 413, 415, 422];

function wrongAnswer(path: string, expected: unknown, { status, body }: InsideResponse): string[] {
    if (REFUSALS.includes(status)) {
        return [`${path}: got ${status} ${body.slice(0, 200)}; ${REFUSED}`];
    }
    if (status !== 200) {
        return [`${path}: got ${status} ${body.slice(0, 200)}; expected 200`];
    }
    const difference = firstDifference("", expected, parseJson(body));
    return difference === undefined ? [] : [`${path}: ${difference}`];
}

/**
 * Finds the first difference between an answer and the expected one. The answer may have
 * more keys, texts must be equal, and numbers may differ by 1e-6.
 *
 * @returns undefined when there is no difference
 */
export function firstDifference(at: string, expected: unknown, got: unknown): string | undefined {
    if (typeof expected === "number" && typeof got === "number") {
        return Math.abs(expected - got) <= TOLERANCE ? undefined : differs(at, expected, got);
    }
    if (typeof expected !== "object" || expected === null) {
        return expected === got ? undefined : differs(at, expected, got);
    }
    if (typeof got !== "object" || got === null) {
        return differs(at, expected, got);
    }
    if (Array.isArray(expected) && (!Array.isArray(got) || got.length !== expected.length)) {
        return `${at || "answer"}: got ${Array.isArray(got) ? got.length : "no"} entries; expected ${expected.length}`;
    }
    for (const [key, value] of Object.entries(expected)) {
        const path = Array.isArray(expected) ? `${at}[${key}]` : at === "" ? key : `${at}.${key}`;
        const difference = firstDifference(path, value, (got as Record<string, unknown>)[key]);
        if (difference !== undefined) {
            return difference;
        }
    }
    return undefined;
}

function differs(at: string, expected: unknown, got: unknown): string {
    return `${at || "answer"}: got ${JSON.stringify(got) ?? "nothing"}; expected ${JSON.stringify(expected)}`;
}
