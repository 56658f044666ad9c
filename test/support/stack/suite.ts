import { expect } from "chai";

import { succeeds } from "../expectations";
import { TestProject } from "./project";
import { TestStack } from "./stack";

/**
 * Gives a suite a stack of its own, before its tests, of which nothing is left after them.
 *
 * @param prepare changes the project before a stack is made in it
 */
export function suiteStack(
    take: (stack: TestStack) => void | Promise<void>,
    prepare: (project: TestProject) => void = () => undefined,
): void {
    suiteStacks((project, made) => {
        prepare(project);
        return made(project.name).then(take);
    });
}

/** Destroys stacks side by side, as each mostly waits for tasks to end, and sees that nothing is left of any. */
export async function destroyAll(stacks: readonly TestStack[]): Promise<void> {
    const ended = await Promise.all(stacks.map((stack) => stack.destroy()));
    ended.forEach(succeeds);
    for (const { engine } of stacks) {
        expect(await engine.left()).to.deep.equal([]);
    }
}

/**
 * Gives a suite a project of its own, and a way to make stacks in it; nothing is
 * left of them after its tests.
 */
export function suiteStacks(
    take: (
        project: TestProject,
        make: (name: string, variables?: NodeJS.ProcessEnv) => Promise<TestStack>,
    ) => Promise<void> | void,
): void {
    const stacks: TestStack[] = [];
    let project: TestProject;
    before(async () => {
        project = new TestProject();
        await take(project, async (name, variables) => {
            const stack = await TestStack.create(project, name, variables);
            stacks.push(stack);
            return stack;
        });
    });
    after(async () => {
        await destroyAll(stacks);
        project.remove();
    });
}
