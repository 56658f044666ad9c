/** A stack as Pulumi's Automation API opens it: its configuration, what it released, and where it lives. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { LocalWorkspace, PulumiCommand, Stack, StackNotFoundError } from "@pulumi/pulumi/automation";
import type { Owner } from "../../components/deployment";
import { parseTexts, type StackConfig } from "../../config";
import { releaseRecords, type ReleaseRecord } from "../../releases";
import { projectName } from "../setup/checkout";
import { CHECKOUT } from "../setup/paths";
import { existingEnvironment } from "../setup/prepare";
import { messageOf, SetupError } from "../setup/steps";

export interface OpenStack {
    readonly name: string;
    /** Whose things on its engine are. */
    readonly owner: Owner;
    readonly stack: Stack;
    /** Pulumi.<name>.yaml. */
    readonly file: string;
    readonly config: StackConfig;
    /** `docker:host` of its configuration. */
    readonly host: string | undefined;
    /** What it validated, newest first. */
    readonly releases: ReleaseRecord[];
}

/** Opens a stack that exists, with a configuration that the program accepts. */
export async function openStack(name: string): Promise<OpenStack> {
    return opened(name, await selectStack(name, false));
}

/** Opens a stack whose configuration is about to pin a release; it is made if there is none. */
export async function openStackFor(name: string, release: string): Promise<OpenStack> {
    if (!existsSync(stackFile(name))) {
        throw new SetupError(
            `${stackFile(name)}: there is no such file; the stack's configuration goes there.`,
        );
    }
    return opened(name, await selectStack(name, true), { [`${projectName()}:release`]: release });
}

/** Reads what there is of a stack; `more` stands over its configuration, by full key. */
export async function opened(
    name: string,
    stack: Stack,
    more: Record<string, string> = {},
): Promise<OpenStack> {
    const values = await stack.getAllConfig();
    const texts = Object.fromEntries(Object.entries(values).map(([key, { value }]) => [key, value]));
    const { releases } = await stack.outputs();
    const project = projectName();
    return {
        name,
        owner: { project, stack: name },
        stack,
        file: stackFile(name),
        config: checked(name, () => parseTexts({ ...texts, ...more }, project)),
        host: texts["docker:host"],
        releases: checked(name, () => releaseRecords(name, releases?.value)),
    };
}

/** Selects a stack, for Pulumi to work on; made if `create`, with the configuration in its file. */
export async function selectStack(name: string, create: boolean): Promise<Stack> {
    if (create) {
        return LocalWorkspace.createOrSelectStack(
            { stackName: name, workDir: CHECKOUT },
            await useEnvironment(),
        );
    }
    const stack = await findStack(name);
    if (stack === undefined) {
        throw new SetupError(`There is no stack ${name}. Bring it up first: npm start -- --stack ${name}`);
    }
    return stack;
}

/** The stack of that name; undefined when there is none. */
export async function findStack(name: string): Promise<Stack | undefined> {
    const options = await useEnvironment();
    try {
        return await LocalWorkspace.selectStack({ stackName: name, workDir: CHECKOUT }, options);
    } catch (error) {
        if (error instanceof StackNotFoundError) {
            return undefined;
        }
        throw error;
    }
}

/** The project, for what concerns no single stack. */
export async function openProject(): Promise<LocalWorkspace> {
    return LocalWorkspace.create({ workDir: CHECKOUT, ...(await useEnvironment()) });
}

/** Has this process find Pulumi where setup put it. */
async function useEnvironment(): Promise<{ pulumiCommand: PulumiCommand }> {
    const environment = await existingEnvironment();
    if (environment === undefined) {
        throw new SetupError("Setup has not run yet. Run: npm run setup");
    }
    // The Automation API finds the command, and the command its language host, on this process's PATH.
    Object.assign(process.env, environment.env);
    return { pulumiCommand: await PulumiCommand.get({ skipVersionCheck: true }) };
}

export function stackFile(name: string): string {
    return join(CHECKOUT, `Pulumi.${name}.yaml`);
}

function checked<T>(name: string, parse: () => T): T {
    try {
        return parse();
    } catch (error) {
        throw new SetupError(`Stack ${name}: ${messageOf(error)}`);
    }
}
