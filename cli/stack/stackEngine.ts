/** The engine that a stack names, for the processes that work on the stack. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { CHECKOUT } from "../local/paths";
import { stacksIn } from "./startArgs";

const file = z.looseObject({ config: z.looseObject({ "docker:host": z.string().optional() }).optional() });

/**
 * The variables by which Pulumi's Docker plugin works on a stack's engine in all that it does. It reads `docker:host`
 * itself, but builds images at the engine of these variables.
 *
 * @param stack the stack's name; undefined when it is not known
 * @param folder the folder of the stacks' files
 * @returns none when the stack names no engine
 */
export function engineVariables(stack: string | undefined, folder = CHECKOUT): Record<string, string> {
    const path = join(folder, `Pulumi.${stack}.yaml`);
    const text = stack !== undefined && existsSync(path) ? readFileSync(path, "utf8") : "";
    const host = file.safeParse(readable(text)).data?.config?.["docker:host"];
    return host === undefined || host.trim() === "" ? {} : { DOCKER_HOST: host, DOCKER_CONTEXT: "" };
}

/** Pulumi says what is wrong with a file that is no YAML. */
function readable(text: string): unknown {
    try {
        return parse(text);
    } catch {
        return undefined;
    }
}

/** The stack that a command line of pulumi names, without organization and project. */
export function namedStack(args: readonly string[]): string | undefined {
    return stacksIn(args)[0]?.split("/").at(-1);
}
