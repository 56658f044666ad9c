import { expect } from "chai";

import { LIMITS, problems, PROD } from "../../support/program/problemsOfConfig";

describe("the problems of a configuration", () => {
    it("names what does not go together with the rest, where each part of it could be read", () => {
        const reservations = { limits: { memory: "1g" }, reservations: { memory: "2g" } };
        expect(
            problems({ environment: "dev", mlflow: { port: 8000, ...reservations }, logLevel: "LOUD" }),
        ).to.deep.equal([
            "logLevel: got LOUD; allowed: DEBUG, INFO, WARNING, ERROR",
            "serving.port: got 8000, which mlflow.port has; give each a port of its own",
            "mlflow.reservations.memory: got 2g; must not exceed mlflow.limits.memory, 1g",
        ]);
        const prod = { environment: "prod", release: "v1", ...PROD, serving: { ...LIMITS, replicas: 1 } };
        expect(problems({ ...prod, servng: 1, sourceMount: true, monitor: "5" })).to.deep.equal([
            'monitor: got 5; needs a duration such as "30s", "20m" or "1h"',
            "servng: no such key; did you mean serving?",
            "sourceMount: got true; prod serves what its image holds, so set it to false",
            "serving.replicas: got 1; prod needs at least 2",
        ]);
    });

    it("refuses backups that nobody makes, and in prod those that everybody may read", () => {
        expect(problems({ environment: "dev", backup: { folder: "/srv/backups" } })).to.deep.equal([
            "backup.folder: got /srv/backups; it is for scheduled backups, so set backup.schedule, or take the folder away",
        ]);
        const backup = { schedule: "0 3 * * *" };
        expect(problems({ environment: "staging", backup })).to.deep.equal([]);
        expect(problems({ environment: "prod", release: "v1", ...PROD, backup })).to.deep.equal([
            "backup.recipient: missing; what prod leaves on a disk each night is encrypted: give the recipient of an age key",
        ]);
    });

    it("names no problem that rests on what could not be read", () => {
        const port = (line: string) => line.includes("which mlflow.port has");
        // Without a value, each would have its own port.
        expect(
            problems({ environment: "dev", mlflow: { port: 8000 }, serving: { port: "x" } }).some(port),
        ).to.equal(false);
        expect(problems({ environment: "dve", mlflow: { port: 8000 } })).to.have.length(1);
        expect(problems({ mlflow: { port: 9 }, serving: { port: 9 } }).some(port)).to.equal(true);
        expect(
            problems({ environment: "dev", mlflow: 5, data: { source: "folder" }, alerts: { email: {} } }),
        ).to.have.length(5);
    });

    const unions: [string, Record<string, unknown>, string][] = [
        ["one of names", { data: { source: "file" } }, "data.source: got file; allowed: demo, folder"],
        ["one of names that is missing", { data: {} }, "data.source: missing; allowed: demo, folder"],
        [
            "of types",
            { training: { hyperparameters: { C: [1] } } },
            "training.hyperparameters.C: got [1]; needs a text, a number, true or false",
        ],
        [
            "a number that is a text",
            { serving: { port: "8000" } },
            'serving.port: got "8000", a text; needs a port number from 1 to 65535, without quotes',
        ],
        ["a flag that is a text", { statusPage: "true " }, 'statusPage: got "true "; needs true or false'],
        [
            "a text that is a number",
            { model: { name: 5 } },
            "model.name: got 5; needs letters, digits, '_', '.' or '-', beginning with a letter or digit; write it in quotes: \"5\"",
        ],
    ];
    for (const [what, values, message] of unions) {
        it(`says of a union or type what that one takes: ${what}`, () => {
            expect(problems({ environment: "dev", ...values })).to.deep.equal([message]);
        });
    }
});
