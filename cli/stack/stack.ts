/** A stack as Pulumi's Automation API opens it: its configuration, its releases, and its engine. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import {
    CommandError,
    ConcurrentUpdateError,
    LocalWorkspace,
    PulumiCommand,
    Stack,
    StackAlreadyExistsError,
    StackNotFoundError,
} from "@pulumi/pulumi/automation";
import { mistake } from "../../common/mistake";
import type { Owner } from "../../components/stack/deployment";
import { parseTexts } from "../../config/parse";
import type { StackConfig } from "../../config/schema";
import { releaseRecords, type ReleaseRecord } from "../../releases/records";
import { dropSalts, projectName } from "../local/checkout";
import { CHECKOUT } from "../local/paths";
import { existingEnvironment } from "../setup/prepare";
import { messageOf } from "../terminal/steps";
import { engineVariables } from "./stackEngine";

/** A stack and its releases. Its configuration need not be valid. */
export interface ReleasedStack {
    readonly name: string;
    readonly stack: Stack;
    /** Pulumi.<name>.yaml. */
    readonly file: string;
    /** The validated releases, newest first. */
    readonly releases: ReleaseRecord[];
}

export interface OpenStack extends ReleasedStack {
    /** The owner of the stack's things on its engine. */
    readonly owner: Owner;
    readonly config: StackConfig;
    /** `docker:host` of its configuration. */
    readonly host: string | undefined;
}

/** An existing stack with its releases. */
export async function releasedStack(name: string): Promise<ReleasedStack> {
    return released(name, await selectStack(name, false));
}

/**
 * The release that a stack validated last, which serves.
 *
 * @throws a mistake when the stack has validated none
 */
export function servingRelease({ name, releases: [newest] }: ReleasedStack): ReleaseRecord {
    if (newest === undefined) {
        throw mistake(`Stack ${name} has validated no release yet. Run: pulumi up --stack ${name}`);
    }
    return newest;
}

/** Opens an existing stack. The program must accept its configuration. */
export async function openStack(name: string): Promise<OpenStack> {
    return opened(name, await selectStack(name, false));
}

/** Opens a stack before its configuration pins a release. Makes the stack if it does not exist. */
export async function openStackFor(name: string, release: string): Promise<OpenStack> {
    refuseWithoutFile(name);
    return opened(name, await selectStack(name, true), pinned(release));
}

function refuseWithoutFile(name: string): void {
    if (!existsSync(stackFile(name))) {
        throw mistake(`${stackFile(name)}: there is no such file; the stack's configuration goes there.`);
    }
}

/** Works on such a stack without changing anything: a stack that did not exist is removed afterwards. */
export async function lookingAt<T>(
    name: string,
    release: string,
    work: (stack: OpenStack) => Promise<T>,
): Promise<T> {
    refuseWithoutFile(name);
    return withStack(name, async (stack) => work(await opened(name, stack, pinned(release))));
}

/** Opens an existing stack before its configuration pins a release. */
export async function reopened({ name, stack }: ReleasedStack, release: string): Promise<OpenStack> {
    return opened(name, stack, pinned(release));
}

function pinned(release: string): Record<string, string> {
    return { [`${projectName()}:release`]: release };
}

/**
 * Reads a stack's configuration and releases. `more` has configuration values by full key, which override the stack's
 * own.
 */
export async function opened(
    name: string,
    stack: Stack,
    more: Record<string, string> = {},
): Promise<OpenStack> {
    const values = await stack.getAllConfig();
    const texts = Object.fromEntries(Object.entries(values).map(([key, { value }]) => [key, value]));
    const project = projectName();
    return {
        ...(await released(name, stack)),
        owner: { project, stack: name },
        config: checked(name, () => parseTexts({ ...texts, ...more }, project)),
        host: texts["docker:host"],
    };
}

async function released(name: string, stack: Stack): Promise<ReleasedStack> {
    const { releases } = await stack.outputs();
    return {
        name,
        stack,
        file: stackFile(name),
        releases: checked(name, () => releaseRecords(name, releases?.value)),
    };
}

/** Opens a stack for Pulumi. With `create`, a missing stack is made with the configuration in its file. */
export async function selectStack(name: string, create: boolean): Promise<Stack> {
    const stack = await findStack(name);
    if (stack !== undefined) {
        return stack;
    }
    if (!create) {
        throw mistake(`There is no stack ${name}. Bring it up first: npm start -- --stack ${name}`);
    }
    return Stack.create(name, await openProject(name));
}

/** Works on a stack. A missing stack exists only during the work, because Pulumi previews only existing stacks. */
export async function withStack<T>(name: string, work: (stack: Stack) => Promise<T>): Promise<T> {
    const there = await findStack(name);
    if (there !== undefined) {
        return work(there);
    }
    const project = await openProject(name);
    const made = await Stack.create(name, project);
    try {
        return await work(made);
    } finally {
        await project.removeStack(name, { preserveConfig: true });
        dropSalts();
    }
}

/**
 * The stack of that name; undefined if it does not exist.
 *
 * @throws an error for any other obstacle: if the backend does not answer, nothing is known about its stacks
 */
export async function findStack(name: string): Promise<Stack | undefined> {
    const project = await openProject(name);
    // The Automation API would select the stack, and a later `pulumi up` without --stack would change it.
    project.selectStack = async (it) => {
        await project.getAllConfig(it);
    };
    try {
        return await Stack.select(name, project);
    } catch (error) {
        if (isNoStack(error, name)) {
            return undefined;
        }
        throw error instanceof CommandError
            ? mistake(`Stack ${name}: it cannot be read. Nothing was changed.\n${saidBy(error)}`)
            : error;
    }
}

/** Whether Pulumi said that there is no such stack, and not that something else was missing. */
export function isNoStack(error: unknown, name: string): boolean {
    return (
        error instanceof StackNotFoundError &&
        [...saidBy(error).matchAll(/no stack named '([^']*)' found/g)].some(
            ([, its]) => its === name || its!.endsWith(`/${name}`),
        )
    );
}

/** The command's own output in an error that has much other text. */
export function saidBy({ message }: CommandError): string {
    return (/\n stderr: ([^]*)\n err\?:/.exec(message)?.[1] ?? message).trim();
}

/**
 * Refuses while an update of an existing stack is under way. An update holds the stack's lock, but Pulumi has no
 * command that only looks at the lock. So this tries to make the stack: Pulumi refuses because of the lock, or else
 * because the stack exists.
 */
export async function refuseWhileUpdated(name: string): Promise<void> {
    const project = await openProject();
    try {
        await project.createStack(name);
    } catch (error) {
        if (error instanceof StackAlreadyExistsError) {
            // Pulumi Cloud marks an update in its list.
            const found = (await project.listStacks()).find((it) => it.name === name);
            if (found?.updateInProgress !== true) {
                return;
            }
        }
        const isUpdated = error instanceof ConcurrentUpdateError || error instanceof StackAlreadyExistsError;
        const what = isUpdated
            ? "an update is under way; wait for its end"
            : "whether it is updated is not known";
        const said = error instanceof CommandError ? saidBy(error) : messageOf(error);
        throw mistake(`Stack ${name}: ${what}. Nothing was changed.\n${said}`);
    }
    await project.removeStack(name, { preserveConfig: true });
    throw mistake(`There is no stack ${name} any more. Nothing was changed.`);
}

/** The project, for work on a stack, or for work that concerns no single stack. */
export async function openProject(stack?: string): Promise<LocalWorkspace> {
    const environment = await useEnvironment();
    return LocalWorkspace.create({ workDir: CHECKOUT, envVars: engineVariables(stack), ...environment });
}

/** Makes this process use the Pulumi that setup installed. */
async function useEnvironment(): Promise<{ pulumiCommand: PulumiCommand }> {
    const environment = await existingEnvironment();
    if (environment === undefined) {
        throw mistake("Setup has not run yet. Run: npm run setup");
    }
    // The Automation API finds the command on this process's PATH, and the command finds its language host there.
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
        throw mistake(`Stack ${name}: ${messageOf(error)}`);
    }
}
