import { expect } from "chai";

import type { InsideHttp, InsideRequest } from "../../../../engine/streams/insideHttp";
import { NoAnswer } from "../../../../engine/streams/insideHttp";
import { firstDifference, parseExpectations, smokeTest } from "../../../../components/release/smokeTest";

const model = { version: "3", sha256: "5".repeat(64) };
const answer = { class: "anomaly", probabilities: { anomaly: 0.9, normal: 0.1 } };

/** A gateway with these JSON answers by path. */
function gateway(answers: Record<string, unknown>): { http: InsideHttp; asked: InsideRequest[] } {
    const asked: InsideRequest[] = [];
    const request = (it: InsideRequest) => {
        asked.push(it);
        const found = answers[new URL(it.url).pathname];
        return found instanceof Error
            ? Promise.reject(found)
            : Promise.resolve({
                  status: found === undefined ? 404 : 200,
                  body: JSON.stringify(found ?? "no"),
              });
    };
    return { http: { request } as unknown as InsideHttp, asked };
}

const version = { model_version: "3", model_sha256: model.sha256 };
const test = {
    api: "http://gateway:8000",
    credentials: { username: "u", password: "p" },
    model,
    expectations: { requests: [{ path: "/predict", body: { trace: [1] }, answer }] },
};

describe("the smoke test", () => {
    it("passes when version and answers are as they should be", async () => {
        const { http, asked } = gateway({ "/version": version, "/predict": { ...answer, version: "3" } });
        expect(await smokeTest(http, test)).to.deep.equal([]);
        expect(asked.map(({ url, json, credentials }) => ({ url, json, credentials }))).to.deep.equal([
            { url: "http://gateway:8000/version", json: undefined, credentials: test.credentials },
            { url: "http://gateway:8000/predict", json: { trace: [1] }, credentials: test.credentials },
        ]);
    });

    it("names a wrong answer, and an error", async () => {
        const wrong = { ...answer, class: "normal" };
        expect(await smokeTest(gateway({ "/version": version, "/predict": wrong }).http, test)).to.deep.equal(
            ['/predict: class: got "normal"; expected "anomaly"'],
        );
        expect(await smokeTest(gateway({ "/version": version }).http, test)).to.deep.equal([
            '/predict: got 404 "no"; expected 200',
        ]);
    });

    for (const status of [400, 413, 422]) {
        it(`says that no retry mends a stored request that serving refuses with ${status}`, async () => {
            const error = { kind: "invalid_input", field: "trace[3]", message: "got 1e+30" };
            const http = {
                request: ({ url }: InsideRequest) =>
                    Promise.resolve(
                        url.endsWith("/version")
                            ? { status: 200, body: JSON.stringify(version) }
                            : { status, body: JSON.stringify({ error }) },
                    ),
            };
            expect(await smokeTest(http, test)).to.deep.equal([
                `/predict: got ${status} ${JSON.stringify({ error })}; serving refuses what the trainer stored as an example`,
                "Training and serving do not agree on what a request may hold. No retry mends it: make both accept the same " +
                    "(docs/trainer-contract.md, expectations.json), and train again.",
            ]);
        });
    }

    const others: [string, unknown][] = [
        ["another version", { ...version, model_version: "2" }],
        ["another hash", { ...version, model_sha256: "6".repeat(64) }],
        ["no version at all", { status: "ok" }],
    ];
    for (const [what, said] of others) {
        it(`says that ${what} answers, and asks nothing more`, async () => {
            const { http, asked } = gateway({ "/version": said, "/predict": answer });
            const [problem, ...more] = await smokeTest(http, test, 0);
            expect(problem).to.include(
                `/version: got 200 ${JSON.stringify(said).slice(0, 200)}; expected version 3`,
            );
            expect(more).to.deep.equal([]);
            expect(asked.map(({ url }) => new URL(url).pathname)).to.not.include("/predict");
        });
    }

    it("waits for the old tasks to be gone", async () => {
        let times = 0;
        const http = {
            request: ({ url }: InsideRequest) => {
                times += url.endsWith("/version") ? 1 : 0;
                const said = url.endsWith("/version")
                    ? { ...version, model_version: times < 2 ? "2" : "3" }
                    : answer;
                return Promise.resolve({ status: 200, body: JSON.stringify(said) });
            },
        } as unknown as InsideHttp;
        expect(await smokeTest(http, test)).to.deep.equal([]);
        expect(times).to.equal(2);
    });

    it("says that the gateway does not answer", async () => {
        const { http } = gateway({ "/version": new NoAnswer("connection refused") });
        expect(await smokeTest(http, test)).to.deep.equal([
            "the gateway does not answer: connection refused",
        ]);
    });

    const differences: [string, unknown, unknown, string | undefined][] = [
        ["more keys", { a: 1 }, { a: 1, b: 2 }, undefined],
        ["a number within 1e-6", { a: 0.5 }, { a: 0.5000009 }, undefined],
        ["a number beyond", { a: 0.5 }, { a: 0.500002 }, "a: got 0.500002; expected 0.5"],
        ["a missing key", { a: { b: 1 } }, { a: {} }, "a.b: got nothing; expected 1"],
        ["another length", { a: [1, 2] }, { a: [1] }, "a: got 1 entries; expected 2"],
        ["an entry of a list", { a: [{ b: "x" }] }, { a: [{ b: "y" }] }, 'a[0].b: got "y"; expected "x"'],
        ["a number for a text", { a: "1" }, { a: 1 }, 'a: got 1; expected "1"'],
        ["nothing at all", { a: 1 }, undefined, 'answer: got nothing; expected {"a":1}'],
        ["NaN, which JSON has not", { a: 1 }, { a: null }, "a: got null; expected 1"],
    ];
    for (const [what, expected, got, says] of differences) {
        it(`compares ${what}`, () => {
            expect(firstDifference("", expected, got)).to.equal(says);
        });
    }

    it("refuses expectations that are none", () => {
        expect(() => parseExpectations('{"requests": [{"path": "predict"}]}')).to.throw();
        expect(parseExpectations(JSON.stringify(test.expectations))).to.deep.equal(test.expectations);
    });
});
