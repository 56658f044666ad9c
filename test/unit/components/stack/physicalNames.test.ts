import { expect } from "chai";

import { checkNames, LONGEST_ROLES, PREFIX_MAX } from "../../../../components/stack/physicalNames";
import { committedTexts } from "../../../support/program/stackFiles";
import { DIGEST } from "../../../support/program/policies";
import { declaredBy, headCommit } from "../../../support/program/program";

const PROJECT = "seismic-mlops";
const ROOM = PREFIX_MAX - PROJECT.length - 1;

describe("the names of project and stack", () => {
    const problem = (stack: string, project = PROJECT): string => {
        try {
            checkNames({ project, stack });
            return "";
        } catch (error) {
            return (error as Error).message;
        }
    };

    for (const stack of ["dev", "staging-eu", "blue_2", "a", "1", "x".repeat(ROOM)]) {
        it(`may be ${stack}`, () => {
            expect(problem(stack)).to.equal("");
        });
    }

    for (const [what, stack, proposed] of [
        ["a dot", "feature.1", "feature-1"],
        ["upper case", "Staging-EU", "staging-eu"],
        ["other letters", "préprod", "preprod"],
        ["no letters of ours", "本番", "dev"],
        ["a hyphen at its end", "dev-", "dev"],
    ] as const) {
        it(`are refused with ${what}, and another is proposed`, () => {
            const said = problem(stack);
            expect(said).to.match(/^the stack's name: got /);
            expect(said).to.match(new RegExp(`pulumi stack init ${proposed}$`));
            expect(problem(proposed)).to.equal("");
            expect(problem("dev", stack)).to.match(
                new RegExp(`^the project's name: got .*name: ${proposed} in`),
            );
        });
    }

    it("are refused when too long together, with the limit, and a shorter one is proposed", () => {
        const said = problem("x".repeat(ROOM + 1));
        expect(said)
            .to.contain(`${PREFIX_MAX + 1} characters`)
            .and.contain(`takes ${PREFIX_MAX} at most`);
        expect(said).to.match(
            new RegExp(`at most ${ROOM} are left for the stack: pulumi stack init x{${ROOM}}$`),
        );
        const long = "p".repeat(PREFIX_MAX);
        expect(problem("dev", long)).to.match(/choose a shorter name in Pulumi.yaml, such as p+$/);
    });

    it("have room for the longest that the program declares, which is the one known here", async () => {
        const longest = { service: "", secret: "" };
        const more = {
            grafana: { image: `grafana/grafana:12.3.0@${DIGEST}` },
            summary: { enabled: true, image: `ollama/ollama:0.12.6@${DIGEST}` },
            retraining: { onDrift: true },
            registry: { builtIn: true },
        };
        const texts = committedTexts("Pulumi.prod.yaml", {
            ...more,
            release: headCommit(),
            promoteFrom: "none",
        });
        for (const { type, name, props } of await declaredBy(texts)) {
            const isSecret = /:(Secret|ServiceConfig)$/.test(type);
            const physical = isSecret ? name : ((props as { name?: string }).name ?? "");
            const role = physical.replace(`${PROJECT}-prod-`, "");
            if (isSecret && role.length > longest.secret.length) {
                longest.secret = role;
            }
            if (type.endsWith(":Service") && role.length > longest.service.length) {
                longest.service = role;
            }
        }
        expect(longest).to.deep.equal(LONGEST_ROLES);
    }).timeout(60_000);
});
