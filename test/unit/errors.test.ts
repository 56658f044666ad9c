import { inspect } from "node:util";

import { expect } from "chai";

import { ownFrames } from "../../errors";

describe("errors", () => {
    it("keep only their own frames, so that Node can format them with colours", () => {
        const stack = [
            "Error: what happened",
            "in two lines",
            "    at parse (/project/config.ts:1:2)",
            "    at Stack.init (/project/node_modules/@pulumi/resource.ts:3:4)",
        ];
        const error = new Error("x");
        error.stack = ownFrames(stack.join("\n"));
        expect(error.stack).to.equal(stack.slice(0, 3).join("\n"));
        expect(inspect(error, { colors: true })).to.include("/project/config.ts:1:2");
    });
});
