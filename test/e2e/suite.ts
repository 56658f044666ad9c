import { expect } from "chai";

import { TestStack } from "./stack";

/** Gives a suite a stack of its own, before its tests, of which nothing is left after them. */
export function suiteStack(take: (stack: TestStack) => void): void {
    let stack: TestStack;
    before(async () => {
        stack = await TestStack.create();
        take(stack);
    });
    after(async () => {
        const ended = await stack.destroy();
        expect(ended.code, ended.output).to.equal(0);
        expect(await stack.engine.left()).to.deep.equal([]);
    });
}
