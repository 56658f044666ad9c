import { inspect } from "node:util";

import type * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";

import { failureOf, safeToFormat } from "../../errors";

describe("errors", () => {
    it("keep only their own frames, so that Node can format them with colours", () => {
        const stack = [
            "Error: what happened",
            "in two lines",
            "    at parse (/project/config.ts:1:2)",
            "    at Stack.init (/project/node_modules/@pulumi/resource.ts:3:4)",
        ];
        const error = new Error("x");
        error.stack = stack.join("\n");
        expect(safeToFormat(error).stack).to.equal(stack.slice(0, 3).join("\n"));
        expect(inspect(error, { colors: true })).to.include("/project/config.ts:1:2");
    });

    it("do not drag their resource along", () => {
        const resource = { secret: "outputs" } as unknown as pulumi.Resource;
        const error = failureOf(resource, "what happened");
        expect(inspect(error)).not.to.include("outputs");
        expect((error as pulumi.ResourceError).resource).to.equal(resource);
    });
});
