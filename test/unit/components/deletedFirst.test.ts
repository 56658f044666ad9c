import { expect } from "chai";

import { deletedInUse, mayBeDeletedFirst, type StateResource } from "../../support/state/deletedFirst";
import { headCommit, stateOf } from "../../support/program/program";
import { committedTexts, STACK_FILES } from "../../support/program/stackFiles";

const TYPES = {
    container: "docker:index/container:Container",
    service: "docker:index/service:Service",
    config: "docker:index/serviceConfig:ServiceConfig",
    secret: "docker:index/secret:Secret",
    network: "docker:index/network:Network",
    volume: "docker:index/volume:Volume",
    password: "random:index/randomPassword:RandomPassword",
    provider: "pulumi:providers:docker",
} as const;

function urnOf(type: keyof typeof TYPES, name: string): string {
    return `urn:pulumi:dev::p::${TYPES[type]}::${name}`;
}

/** A resource of a state. @param on the URNs that one of its properties is made from */
function resource(
    type: keyof typeof TYPES,
    name: string,
    on: readonly string[] = [],
    more: Partial<StateResource> = {},
): StateResource {
    return { type: TYPES[type], urn: urnOf(type, name), propertyDependencies: { a: null, b: on }, ...more };
}

const service = (name: string, order?: string, on: readonly string[] = []): StateResource =>
    resource("service", name, on, { inputs: order === undefined ? {} : { updateConfig: { order } } });

const TRAINING = resource("container", "training");
const training = TRAINING.urn;

describe("a resource that may be deleted before it is replaced", () => {
    it("is a container, a service that stops first, or one that says so", () => {
        expect(mayBeDeletedFirst(TRAINING)).to.equal(true);
        expect(mayBeDeletedFirst(service("gateway", "stop-first"))).to.equal(true);
        expect(mayBeDeletedFirst(service("of-engine's-order"))).to.equal(true);
        expect(mayBeDeletedFirst(resource("password", "p", [], { deleteBeforeReplace: true }))).to.equal(
            true,
        );
        expect(mayBeDeletedFirst(service("serving", "start-first"))).to.equal(false);
        expect(mayBeDeletedFirst(resource("config", "front"))).to.equal(false);
    });
});

describe("what would be deleted in use", () => {
    for (const type of ["config", "secret", "network", "volume"] as const) {
        it(`is a ${type} that is made from a container or from a service that stops first`, () => {
            const gateway = service("gateway", "stop-first");
            const state = [
                TRAINING,
                gateway,
                resource(type, "x", [training]),
                resource(type, "y", [gateway.urn]),
            ];
            expect(deletedInUse(state)).to.deep.equal(["x > training", "y > gateway"]);
        });
    }

    it("is also what depends on it by way of others, and the shortest way is told", () => {
        const state = [
            TRAINING,
            resource("password", "password", [training]),
            service("serving", "start-first", [urnOf("password", "password")]),
            resource("secret", "users", [urnOf("service", "serving"), urnOf("password", "password")]),
            resource("config", "front", [urnOf("secret", "users")]),
        ];
        expect(deletedInUse(state)).to.deep.equal([
            "users > password > training",
            "front > users > password > training",
        ]);
    });

    it("is also what a provider makes that depends on it", () => {
        const provider = resource("provider", "remote", [training]);
        const state = [
            TRAINING,
            provider,
            resource("config", "front", [], { provider: `${provider.urn}::0-1` }),
        ];
        expect(deletedInUse(state)).to.deep.equal(["front > remote > training"]);
    });

    it("is not what is replaced in place, what depends on nothing of this, or on something outside of the state", () => {
        const state = [
            TRAINING,
            service("serving", "start-first", [training]),
            resource("container", "next", [training]),
            resource("password", "password"),
            resource("secret", "users", [urnOf("password", "password"), urnOf("container", "gone")]),
            resource("network", "overlay", [], { propertyDependencies: {} }),
        ];
        expect(deletedInUse(state)).to.deep.equal([]);
    });

    it("is told for resources that depend on each other too", () => {
        const [a, b] = [urnOf("config", "a"), urnOf("config", "b")];
        expect(deletedInUse([resource("config", "a", [b]), resource("config", "b", [a])])).to.deep.equal([]);
    });
});

describe("the program", function () {
    this.timeout("60s");
    const observed = { monitoring: { enabled: true }, statusPage: true, retraining: { onDrift: true } };
    const stacks = {
        "Pulumi.dev.yaml": { data: { source: "demo" } },
        "Pulumi.staging.yaml": { backup: { schedule: "0 3 * * *" } },
        "Pulumi.prod.yaml": { release: headCommit(), promoteFrom: "none" },
    };
    it("is asked for each committed stack", () => {
        expect(Object.keys(stacks)).to.have.members(STACK_FILES);
    });

    for (const [file, more] of Object.entries(stacks)) {
        it(`declares nothing by ${file} that would be deleted in use`, async () => {
            const state = await stateOf(committedTexts(file, { ...observed, ...more }));
            expect(deletedInUse(state)).to.deep.equal([]);
            // The state has what the rule is about: a run and services that are deleted first, and what depends on them.
            const first = state.filter(mayBeDeletedFirst);
            expect(first.map(({ type }) => type)).to.include.members([TYPES.container, TYPES.service]);
            const run = first.find(({ urn }) => urn.endsWith("-training"))!.urn;
            const dependents = state.filter(({ propertyDependencies = {} }) =>
                Object.values(propertyDependencies).flat().includes(run),
            );
            expect(dependents.map(({ urn }) => urn.split("::").at(-1))).to.include("serving-service");
            const config = resource("config", "made-from-the-run", [run]);
            expect(deletedInUse([...state, config])).to.have.length(1);
        });
    }
});
