import { inspect } from "node:util";

import type * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";

import { failureOf, plainStacks } from "../../errors";

describe("errors", () => {
    it("have stacks with the project's own frames only", () => {
        const before = Object.getOwnPropertyDescriptor(Error, "prepareStackTrace");
        try {
            plainStacks();
            const { stack } = new Error("what happened");
            expect(stack).to.match(/^Error: what happened\n {4}at .*errors\.test\.ts/);
            expect(stack).not.to.include("node_modules");
        } finally {
            if (before === undefined) {
                Reflect.deleteProperty(Error, "prepareStackTrace");
            } else {
                Object.defineProperty(Error, "prepareStackTrace", before);
            }
        }
    });

    it("do not drag their resource along", () => {
        const resource = { secret: "outputs" } as unknown as pulumi.Resource;
        const error = failureOf(resource, "what happened");
        expect(inspect(error)).not.to.include("outputs");
        expect((error as pulumi.ResourceError).resource).to.equal(resource);
    });
});
