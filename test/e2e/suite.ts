import { expect } from "chai";

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
        for (const stack of stacks) {
            const ended = await stack.destroy();
            expect(ended.code, ended.output).to.equal(0);
            expect(await stack.engine.left()).to.deep.equal([]);
        }
        project.remove();
    });
}
