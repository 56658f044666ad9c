/**
 * Prints, as JSON, the claims of each Pulumi.<stack>.yaml of the checkout on its engine, as the program reads them.
 *
 * This is its own process, because the program's configuration loads Pulumi's library, which blocks a process for a
 * second or more. This process can be ended.
 */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { parse } from "yaml";
import { parseTexts } from "../../config/parse";
import { publishedPorts } from "../../config/rules";
import type { StackConfig } from "../../config/schema";
import { ENVIRONMENTS } from "../../config/environments";
import { projectName, stackFiles } from "../local/checkout";
import { messageOf } from "../terminal/steps";
import type { StackPlan } from "./plans";

/** Replaces the release of a stack that has none yet, because its ports are known before the first promotion. */
const NONE_YET = "none-yet";

function planOf(file: string): StackPlan & { readonly order: number } {
    const name = basename(file).replace(/^Pulumi\.(.+)\.yaml$/, "$1");
    try {
        const text = readFileSync(file, "utf8");
        const { config: values } = parse(text) as { config?: Record<string, unknown> };
        const texts = Object.fromEntries(
            Object.entries(values ?? {}).map(([key, value]) => [
                key,
                typeof value === "string" ? value : JSON.stringify(value),
            ]),
        );
        const project = projectName();
        const written = { name: basename(file), text };
        const config = parseTexts({ [`${project}:release`]: NONE_YET, ...texts }, project, written);
        const plan = { name, claims: publishedPorts(config), host: texts["docker:host"] };
        return { ...plan, promoteFrom: sourceOf(config), order: ENVIRONMENTS.indexOf(config.environment) };
    } catch (error) {
        return { name, claims: [], problem: messageOf(error), order: ENVIRONMENTS.length };
    }
}

/** The stack that has to release first, if no release is pinned yet. */
function sourceOf({ release, promoteFrom }: StackConfig): string | undefined {
    return release === NONE_YET ? promoteFrom : undefined;
}

const plans = stackFiles()
    .map(planOf)
    .sort((a, b) => a.order - b.order);
console.log(JSON.stringify(plans));
