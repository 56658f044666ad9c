import { expect } from "chai";

import { succeeds } from "../expectations";
import { TestProject } from "./project";
import { type OtherEngine, TestStack } from "./stack";

/**
 * Gives a suite its own stack. After its tests, nothing of the stack is left.
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

/** Destroys stacks side by side, because each mostly waits for tasks to end. Checks that nothing of them is left. */
export async function destroyAll(stacks: readonly TestStack[]): Promise<void> {
    const ended = await Promise.all(stacks.map((stack) => stack.destroy()));
    ended.forEach(succeeds);
    for (const { engine } of stacks) {
        expect(await engine.left()).to.deep.equal([]);
    }
}

/** Gives a suite its own project, and a way to make stacks in it. After its tests, nothing of them is left. */
export function suiteStacks(
    take: (
        project: TestProject,
        make: (name: string, variables?: NodeJS.ProcessEnv, other?: OtherEngine) => Promise<TestStack>,
    ) => Promise<void> | void,
): void {
    const stacks: TestStack[] = [];
    let project: TestProject;
    before(async () => {
        project = new TestProject();
        await take(project, async (name, variables, other) => {
            const stack = await TestStack.create(project, name, variables, other);
            stacks.push(stack);
            return stack;
        });
    });
    after(async () => {
        await destroyAll(stacks);
        project.remove();
    });
}
