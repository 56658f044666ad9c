import { expect } from "chai";
import { lexer, type Tokens } from "marked";

import { DEFAULTS, EnvironmentDefaults, ENVIRONMENTS } from "../../../config/environments";
import { readDocument, sectionOf } from "../../support/pages/documents";

/** Rows of the table in docs/environments.md, by their beginnings, with the required text of a cell. */
const ROWS: Record<string, (defaults: EnvironmentDefaults) => string> = {
    "takes a commit": ({ promoteFrom }) => promoteFrom ?? "any",
    "MLflow's database": ({ backend }) => (backend === "sqlite" ? "SQLite" : "PostgreSQL"),
    "stage of its models": ({ stage }) => stage,
    replicas: ({ replicas }) => String(replicas),
    "Prometheus, Alertmanager": ({ monitoring }) => (monitoring ? "on" : "off"),
    "alerts in Slack": ({ channel }) => channel ?? "nobody",
    "log level": ({ logLevel }) => logLevel,
    "ports: MLflow, API": ({ ports }) => `${ports.mlflow}, ${ports.serving}`,
    "ports: Prometheus, Alertmanager": ({ ports }) => `${ports.prometheus}, ${ports.alertmanager}`,
};

describe("the table of docs/environments.md", () => {
    const tokens = lexer(sectionOf(readDocument("docs/environments.md"), "How they differ"));
    const table = tokens.find((it): it is Tokens.Table => it.type === "table")!;

    it("has a column for each environment", () => {
        const titles = table.header.map(({ text }) => text);
        expect(titles.slice(1, 1 + ENVIRONMENTS.length)).to.deep.equal(ENVIRONMENTS);
    });

    for (const [begin, saying] of Object.entries(ROWS)) {
        it(`says what the program takes: ${begin}`, () => {
            const row = table.rows.find(([first]) => first!.text.startsWith(begin));
            const cells = row?.slice(1, 1 + ENVIRONMENTS.length).map(({ text }) => text);
            ENVIRONMENTS.forEach((name, column) => {
                expect(cells?.[column]).to.include(saying(DEFAULTS[name]));
            });
        });
    }

    it("has the floors of the gate", () => {
        const cells = table.rows.find(([first]) => first!.text.startsWith("the gate's floors"))!;
        const numbers = (text: string) => (text.match(/\d\.\d/g) ?? []).map(Number);
        expect(numbers(cells[1]!.text)).to.deep.equal(Object.values(DEFAULTS.dev.floors));
        expect(numbers(cells[2]!.text)).to.deep.equal(Object.values(DEFAULTS.staging.floors));
        expect(DEFAULTS.prod.floors).to.deep.equal(DEFAULTS.staging.floors);
    });
});
