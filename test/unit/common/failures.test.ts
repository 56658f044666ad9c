import { inspect } from "node:util";

import type * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";

import { failureOf, plainStacks } from "../../../common/failures";

describe("failures", () => {
    it("have stacks as V8 writes them, whatever a library has put in its place", () => {
        const before = Object.getOwnPropertyDescriptor(Error, "prepareStackTrace");
        try {
            Error.prepareStackTrace = () => "mapped";
            plainStacks();
            expect(new Error("what happened").stack).to.match(
                /^Error: what happened\n {4}at .*failures\.test\.ts/,
            );
        } finally {
            if (before !== undefined) {
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
