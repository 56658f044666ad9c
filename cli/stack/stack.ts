/** A stack as Pulumi's Automation API opens it: its configuration, what it released, and where it lives. */
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

/** A stack and what it released, whatever its configuration is. */
export interface ReleasedStack {
    readonly name: string;
    readonly stack: Stack;
    /** Pulumi.<name>.yaml. */
    readonly file: string;
    /** What it validated, newest first. */
    readonly releases: ReleaseRecord[];
}

export interface OpenStack extends ReleasedStack {
    /** Whose things on its engine are. */
    readonly owner: Owner;
    readonly config: StackConfig;
    /** `docker:host` of its configuration. */
    readonly host: string | undefined;
}

/** What a stack that exists has released. */
export async function releasedStack(name: string): Promise<ReleasedStack> {
    return released(name, await selectStack(name, false));
}

/** Opens a stack that exists, with a configuration that the program accepts. */
export async function openStack(name: string): Promise<OpenStack> {
    return opened(name, await selectStack(name, false));
}

/** Opens a stack whose configuration is about to pin a release; it is made if there is none. */
export async function openStackFor(name: string, release: string): Promise<OpenStack> {
    refuseWithoutFile(name);
    return opened(name, await selectStack(name, true), pinned(release));
}

function refuseWithoutFile(name: string): void {
    if (!existsSync(stackFile(name))) {
        throw mistake(`${stackFile(name)}: there is no such file; the stack's configuration goes there.`);
    }
}

/** The same, for who only looks: a stack that is made goes away again. */
export async function lookingAt<T>(
    name: string,
    release: string,
    work: (stack: OpenStack) => Promise<T>,
): Promise<T> {
    refuseWithoutFile(name);
    return withStack(name, async (stack) => work(await opened(name, stack, pinned(release))));
}

/** The same of a stack that exists. */
export async function reopened({ name, stack }: ReleasedStack, release: string): Promise<OpenStack> {
    return opened(name, stack, pinned(release));
}

function pinned(release: string): Record<string, string> {
    return { [`${projectName()}:release`]: release };
}

/** Reads what there is of a stack; `more` stands over its configuration, by full key. */
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

/** Opens a stack for Pulumi to work on; made if `create`, with the configuration in its file. */
export async function selectStack(name: string, create: boolean): Promise<Stack> {
    const stack = await findStack(name);
    if (stack !== undefined) {
        return stack;
    }
    if (!create) {
        throw mistake(`There is no stack ${name}. Bring it up first: npm start -- --stack ${name}`);
    }
    return Stack.create(name, await openProject());
}

/** Works on a stack that is there only meanwhile where there is none: Pulumi previews no other. */
export async function withStack<T>(name: string, work: (stack: Stack) => Promise<T>): Promise<T> {
    const there = await findStack(name);
    if (there !== undefined) {
        return work(there);
    }
    const project = await openProject();
    const made = await Stack.create(name, project);
    try {
        return await work(made);
    } finally {
        await project.removeStack(name, { preserveConfig: true });
        dropSalts();
    }
}

/**
 * The stack of that name; undefined when there is none.
 *
 * @throws whatever else stands in the way: a backend that is not reached says nothing of its stacks
 */
export async function findStack(name: string): Promise<Stack | undefined> {
    const project = await openProject();
    // The Automation API makes a stack the one that a later `pulumi up` without --stack changes.
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

/** Whether Pulumi said that there is no such stack, and not that something else was not found. */
export function isNoStack(error: unknown, name: string): boolean {
    return (
        error instanceof StackNotFoundError &&
        [...saidBy(error).matchAll(/no stack named '([^']*)' found/g)].some(
            ([, its]) => its === name || its!.endsWith(`/${name}`),
        )
    );
}

/** What the command wrote, of an error that holds much else. */
export function saidBy({ message }: CommandError): string {
    return (/\n stderr: ([^]*)\n err\?:/.exec(message)?.[1] ?? message).trim();
}

/**
 * Refuses while an update of a stack that exists is under way, by the lock that it holds. Pulumi has no command that
 * only looks at the lock; to make a stack is refused for it first, and else since the stack is there.
 */
export async function refuseWhileUpdated(name: string): Promise<void> {
    const project = await openProject();
    try {
        await project.createStack(name);
    } catch (error) {
        if (error instanceof StackAlreadyExistsError) {
            // Pulumi Cloud tells of an update in its list.
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

/** The project, for what concerns no single stack. */
export async function openProject(): Promise<LocalWorkspace> {
    return LocalWorkspace.create({ workDir: CHECKOUT, ...(await useEnvironment()) });
}

/** Has this process find Pulumi where setup put it. */
async function useEnvironment(): Promise<{ pulumiCommand: PulumiCommand }> {
    const environment = await existingEnvironment();
    if (environment === undefined) {
        throw mistake("Setup has not run yet. Run: npm run setup");
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
        throw mistake(`Stack ${name}: ${messageOf(error)}`);
    }
}
