import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { parse } from "yaml";

import { withoutSalt } from "../../../cli/local/checkout";
import { CHECKOUT } from "../../../cli/local/paths";
import { parseTexts } from "../../../config/parse";
import type { StackConfig } from "../../../config/schema";

const PROJECT = "seismic-mlops";

/** The committed Pulumi.<stack>.yaml files. */
export const STACK_FILES = readdirSync(CHECKOUT).filter((name) =>
    /^Pulumi\.(dev|staging|prod)\.yaml$/.test(name),
);

/**
 * The text of a committed file. The working tree's file of a stack that is up has its salt, which git does not see.
 */
export function committedText(file: string): string {
    return withoutSalt(readFileSync(join(CHECKOUT, file), "utf8"));
}

/** The configuration from a committed file, with other values over its own. */
export function committedConfig(file: string, more: Record<string, unknown> = {}): StackConfig {
    return parseTexts(committedTexts(file, more), PROJECT);
}

/** A committed file with other values over its own, in Pulumi's form: texts by full key. */
export function committedTexts(file: string, more: Record<string, unknown> = {}): Record<string, string> {
    const { config } = parse(committedText(file)) as { config: Record<string, unknown> };
    // A team decides itself which release prod runs, so there is none before the first promotion.
    const release = file === "Pulumi.prod.yaml" ? { release: "v1" } : {};
    const texts = Object.entries({
        ...config,
        ...prefixed({ ...release, ...more }),
    }).map(([key, value]): [string, string] => [
        key,
        typeof value === "string" ? value : JSON.stringify(value),
    ]);
    return Object.fromEntries(texts);
}

function prefixed(values: Record<string, unknown>): Record<string, unknown> {
    return Object.fromEntries(Object.entries(values).map(([key, value]) => [`${PROJECT}:${key}`, value]));
}
