import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import { settingsVariables } from "../../../../components/image/trainer";
import { recipeOf, trainingVariables } from "../../../../components/training/trainingPlan";
import { parseConfig } from "../../../../config/parse";
import type { StackConfig } from "../../../../config/schema";
import { checkSettings } from "../../../../components/training/trainerSettings";
import { temporaryFolder } from "../../../support/temporaryFolder";

const release = { ref: "v1", commit: "c".repeat(40), dirty: false, trainer: "tree" };
const config = (more: object): StackConfig => parseConfig({ environment: "dev", ...more });

describe("a trainer's settings", () => {
    let folder: string;
    temporaryFolder((made) => (folder = made));

    const SCHEMA = {
        type: "object",
        additionalProperties: false,
        properties: {
            inlineByte: { type: "integer", minimum: 1, maximum: 237 },
            format: { enum: ["ibm", "ieee"] },
            undefinedValue: { type: ["number", "boolean"] },
            unit: { type: "string", pattern: "^[a-z]+$" },
        },
    };
    const problems = (settings: object, schema: unknown): string[] => {
        mkdirSync(join(folder, "tree"));
        if (schema !== undefined) {
            writeFileSync(join(folder, "tree", "settings.schema.json"), JSON.stringify(schema));
        }
        try {
            checkSettings(folder, release, config({ trainer: { settings } }).trainer);
        } catch (error) {
            return (error as Error).message.split("\n").map((line) => line.trim());
        }
        return [];
    };

    it("reach what runs of it as one variable, sorted, and none where there are none", () => {
        const settings = { b: 1e30, a: "x", c: false };
        const variable = '{"a":"x","b":1e+30,"c":false}';
        expect(settingsVariables({ settings })).to.deep.equal({ TRAINER_SETTINGS: variable });
        const variables = (trainer: object) =>
            trainingVariables({ config: config({ trainer }), release, image: "i:1", fingerprint: "f" });
        expect(variables({ settings }).TRAINER_SETTINGS).to.equal(variable);
        expect(variables({})).not.to.have.property("TRAINER_SETTINGS");
    });

    it("are part of what makes a model, in whatever order", () => {
        const recipe = (settings: object) =>
            recipeOf({
                config: config({ trainer: { settings } }),
                release,
                image: "i:1",
                fingerprint: "f",
            });
        expect(recipe({ a: 1 })).not.to.equal(recipe({}));
        expect(recipe({ a: 1 })).not.to.equal(recipe({ a: "1" }));
        expect(recipe({ a: 1, b: 2 })).to.equal(recipe({ b: 2, a: 1 }));
    });

    it("are checked against what the trainer says of them, all at once, path first", () => {
        const settings = { inlineByte: 300, format: "q", undefinedValue: "x", unit: "M", crosline: 5 };
        expect(problems(settings, SCHEMA)).to.deep.equal([
            "the trainer of v1 refuses its settings (trainer/settings.schema.json); nothing was changed",
            "trainer.settings.inlineByte: got 300; needs at most 237",
            "trainer.settings.format: got q; allowed: ibm, ieee",
            "trainer.settings.undefinedValue: got x; needs a number, or true or false",
            "trainer.settings.unit: got M; needs a text that matches /^[a-z]+$/",
            "trainer.settings.crosline: no such key; known here: inlineByte, format, undefinedValue, unit",
        ]);
    });

    it("are taken where they fit", () => {
        expect(problems({ inlineByte: 181, format: "ieee", undefinedValue: -999.25 }, SCHEMA)).to.deep.equal(
            [],
        );
    });

    it("are taken where the trainer says nothing of them", () => {
        expect(problems({ anything: "x" }, undefined)).to.deep.equal([]);
    });

    it("need a schema that can be read", () => {
        expect(problems({}, { type: "object", not: { required: ["a"] } })[0]).to.match(
            /^trainer\/settings\.schema\.json: not a JSON Schema that can be checked here: /,
        );
    });

    it("are scalars, by name", () => {
        expect(() => config({ trainer: { settings: { a: [1] } } })).to.throw(
            "trainer.settings.a: got [1]; needs a text, a number, true or false",
        );
    });
});
