import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { z } from "zod";

import { CHECKOUT } from "../../../cli/local/paths";

const TRAINER = join(CHECKOUT, "trainer");

const read = (name: string): unknown => JSON.parse(readFileSync(join(TRAINER, name), "utf8"));

describe("the settings of the seismic trainer", () => {
    const schema = z.fromJSONSchema(read("settings.schema.json") as Parameters<typeof z.fromJSONSchema>[0]);
    // The trainer's own tests have the same cases.
    const cases = z
        .array(z.object({ settings: z.record(z.string(), z.json()), problems: z.array(z.string()) }))
        .parse(read("tests/data/settings_cases.json"));

    for (const { settings, problems } of cases) {
        it(`${JSON.stringify(settings)} ${problems.length === 0 ? "are taken" : "are refused"}`, () => {
            const result = schema.safeParse(settings);
            const found = (result.error?.issues ?? []).flatMap((issue) =>
                issue.code === "unrecognized_keys" ? issue.keys : [String(issue.path[0])],
            );
            assert.deepEqual([...new Set(found)].sort(), problems);
            // Do not fill in missing values, because the trainer tells given values from its defaults.
            assert.deepEqual(result.success ? result.data : settings, settings);
        });
    }
});
