import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";

import { z } from "zod";

import { describe } from "../../config/problems";
import type { Trainer } from "../../config/trainer";
import { mistake } from "../../common/mistake";
import type { Release } from "../../releases/release";

/** In this file, a trainer describes its settings as a JSON Schema. */
export const SCHEMA_FILE = "settings.schema.json";

/**
 * Checks `trainer.settings` against the schema of a release's trainer, before anything is made.
 *
 * @throws a mistake with a line for each problem, or when the trainer's schema cannot be read
 */
export function checkSettings(project: string, release: Release, trainer: Trainer): void {
    const file = resolve(project, release.trainer, SCHEMA_FILE);
    if (!existsSync(file)) {
        return;
    }
    const schema = z.object({
        trainer: z.object({ settings: settingsOf(file, `${trainer.path}/${SCHEMA_FILE}`) }),
    });
    const values = { trainer: { settings: trainer.settings } };
    const problems = (schema.safeParse(values, { reportInput: true }).error?.issues ?? []).flatMap((issue) =>
        describe(issue, schema, values),
    );
    if (problems.length > 0) {
        throw mistake(
            [
                `the trainer of ${release.ref} refuses its settings (${trainer.path}/${SCHEMA_FILE}); nothing was changed`,
                ...problems.map((problem) => `  ${problem}`),
            ].join("\n"),
        );
    }
}

/**
 * The check of settings that a trainer describes.
 *
 * @param name the file as a message calls it
 * @throws a mistake when the file is no JSON Schema
 */
export function settingsOf(file: string, name: string): z.ZodType {
    try {
        return z.fromJSONSchema(
            JSON.parse(readFileSync(file, "utf8")) as Parameters<typeof z.fromJSONSchema>[0],
        );
    } catch (error) {
        throw mistake(`${name}: not a JSON Schema that can be checked here: ${(error as Error).message}`);
    }
}
