import { expect } from "chai";

import { repair } from "../../../../components/registry/registryMarks";
import type { RegisteredVersion } from "../../../../components/registry/mlflow";

const SHA = "5".repeat(64);
const SERVED = { version: "2", sha256: SHA };

/** A registry with versions 1 to 3. Version 2 serves. It records the requests. */
class Registry {
    readonly asked: string[] = [];
    readonly aliases = new Map([["champion", "2"]]);
    readonly stages = new Map([["2", "Production"]]);
    readonly versions = new Map<string, RegisteredVersion>(
        ["1", "2", "3"].map((version) => [
            version,
            { version, current_stage: "None", status: "READY", tags: new Map([["model_sha256", SHA]]) },
        ]),
    );

    version(number: string) {
        this.asked.push("version");
        return Promise.resolve(this.versions.get(number));
    }
    aliased(alias: string) {
        this.asked.push(alias);
        return Promise.resolve(this.versions.get(this.aliases.get(alias) ?? ""));
    }
    newestIn(stage: string) {
        this.asked.push(stage);
        const having = [...this.stages].filter(([, its]) => its === stage).map(([version]) => version);
        return Promise.resolve(having.sort().at(-1));
    }
    setStage(number: string, stage: string) {
        this.stages.forEach((its, version) => its === stage && this.stages.set(version, "Archived"));
        this.stages.set(number, stage);
        return Promise.resolve();
    }
    setAlias(alias: string, number: string) {
        this.aliases.set(alias, number);
        return Promise.resolve();
    }
    deleteAlias(alias: string) {
        this.aliases.delete(alias);
        return Promise.resolve();
    }
}

describe("what the registry says of the version that serves", () => {
    const put = async (registry: Registry, stage = "Production") => {
        const said = await repair(registry, stage, SERVED).catch((error: Error) => error.message);
        return { said, champion: registry.aliases.get("champion"), staged: registry.stages.get("2") };
    };
    const right = { champion: "2", staged: "Production" };

    it("is asked for by two requests, and left alone when it is right", async () => {
        const registry = new Registry();
        expect(await put(registry)).to.deep.equal({ said: undefined, ...right });
        expect(registry.asked).to.deep.equal(["champion", "Production"]);
        const plain = new Registry();
        plain.stages.clear();
        expect(await put(plain, "None")).to.deep.equal({ said: undefined, champion: "2", staged: undefined });
        expect(plain.asked).to.deep.equal(["champion"]);
    });

    for (const [what, change, says] of [
        ["an alias that was moved", (it: Registry) => it.aliases.set("champion", "1"), /champion was at 1;/],
        ["an alias that was removed", (it: Registry) => it.aliases.clear(), /champion was at no version;/],
        [
            "a stage that was taken",
            (it: Registry) => it.stages.set("2", "None"),
            /Production was at no version;/,
        ],
        ["another in its stage", (it: Registry) => it.stages.set("3", "Production"), /Production was at 3;/],
        [
            "both",
            (it: Registry) => {
                it.aliases.set("champion", "3");
                it.stages.set("2", "Archived").set("3", "Production");
            },
            /champion was at 3, stage Production was at 3; put back to version 2/,
        ],
    ] as const) {
        it(`is put right after ${what}`, async () => {
            const registry = new Registry();
            change(registry);
            const { said, ...now } = await put(registry);
            expect(said).to.match(says);
            expect(now).to.deep.equal(right);
            expect([...registry.stages].filter(([, stage]) => stage === "Production")).to.have.length(1);
            expect((await put(registry)).said, "the next time").to.equal(undefined);
        });
    }

    for (const [what, change] of [
        [
            "deleted, with its alias",
            (it: Registry) => {
                it.versions.delete("2");
                it.aliases.clear();
            },
        ],
        ["of another hash", (it: Registry) => it.versions.get("2")!.tags.set("model_sha256", "6".repeat(64))],
        [
            "not ready",
            (it: Registry) =>
                it.versions.set("2", { ...it.versions.get("2")!, status: "FAILED_REGISTRATION" }),
        ],
    ] as const) {
        it(`is said to be lacking when it is ${what}, and nothing is moved`, async () => {
            const registry = new Registry();
            change(registry);
            const before = [[...registry.aliases], [...registry.stages]];
            expect((await put(registry)).said).to.match(
                /^version 2, which serves, is not in the registry any more/,
            );
            expect([[...registry.aliases], [...registry.stages]]).to.deep.equal(before);
        });
    }
});
