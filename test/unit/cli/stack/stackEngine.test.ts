import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import { engineVariables, namedStack } from "../../../../cli/stack/stackEngine";
import { temporaryFolder } from "../../../support/temporaryFolder";

describe("the engine that a stack names", () => {
    let folder: string;
    temporaryFolder((made) => (folder = made));

    for (const [what, text, variables] of [
        [
            "what Pulumi's plugin gets",
            "config:\n  docker:host: ssh://deploy@prod.example.org\n  a:b: 1\n",
            { DOCKER_HOST: "ssh://deploy@prod.example.org", DOCKER_CONTEXT: "" },
        ],
        ["none where the text is empty", 'config:\n  docker:host: ""\n', {}],
        ["none where the file has none", "encryptionsalt: x\n", {}],
        ["Pulumi's to find fault with where the file is no YAML", "config: [\n", {}],
    ] as const) {
        it(`is ${what}`, () => {
            writeFileSync(join(folder, "Pulumi.it.yaml"), text);
            expect(engineVariables("it", folder)).to.deep.equal(variables);
        });
    }

    it("is in no variable when the stack names none, or is not known", () => {
        expect(engineVariables(undefined)).to.deep.equal({});
        expect(engineVariables("dev")).to.deep.equal({});
        expect(engineVariables("never-made")).to.deep.equal({});
    });

    for (const [args, stack] of [
        [["up", "--stack", "prod", "--yes"], "prod"],
        [["up", "-s", "prod"], "prod"],
        [["preview", "--stack=org/project/prod"], "prod"],
        [["up", "--yes"], undefined],
        [["up", "--stack"], undefined],
    ] as const) {
        it(`is of ${stack ?? "no stack"} for pulumi ${args.join(" ")}`, () => {
            expect(namedStack(args)).to.equal(stack);
        });
    }
});
