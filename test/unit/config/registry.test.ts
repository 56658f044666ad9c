import { expect } from "chai";

import { parseConfig } from "../../../config/parse";
import { registryLogin } from "../../../config/registry/login";

const said = (values: object) => {
    try {
        return parseConfig({ environment: "staging", ...values }).registry;
    } catch (error) {
        return (error as Error).message.split("\n").slice(1).join("\n").trim();
    }
};

describe("the registry of a stack's configuration", () => {
    it("is none by default; one of its own has a port of its environment", () => {
        expect(said({})).to.deep.equal({ builtIn: false, port: undefined });
        expect(said({ registry: { builtIn: true } })).to.deep.equal({ builtIn: true, port: 5011 });
        expect(said({ registry: { builtIn: true, port: 6000 } })).to.deep.equal({
            builtIn: true,
            port: 6000,
        });
    });

    for (const address of [
        ...["registry.example.org", "registry.example.org:5000", "registry.example.org/team/a-b"],
        ...["localhost/a", "10.0.0.5:5000", "registry:5000"],
    ]) {
        it(`may be at ${address}`, () => {
            expect(said({ registry: { address } })).to.include({ address });
        });
    }

    it("is one place, and its port is of the stack's own", () => {
        expect(said({ registry: { address: "a.b", builtIn: true } })).to.match(
            /^registry\.address: got a\.b, and registry\.builtIn is true; .* take one away$/,
        );
        expect(said({ registry: { port: 6000 } })).to.match(/^registry\.port: got 6000; it is of .*builtIn/);
    });

    it("has a port that no other part has", () => {
        expect(said({ registry: { builtIn: true, port: 8001 } })).to.match(
            /^registry\.port: got 8001, which serving\.port has/,
        );
    });

    for (const [what, values, problem] of [
        [
            "without a registry",
            {},
            /^placement\.serving\.constraints: got node\.role==worker; without a registry/,
        ],
        [
            "beside mounted source",
            { registry: { builtIn: true }, sourceMount: true },
            /^placement\.serving\.constraints: got node\.role==worker, and sourceMount is true/,
        ],
    ] as const) {
        it(`is needed for a place of serving's tasks, which is refused ${what}`, () => {
            const placement = { serving: { constraints: ["node.role==worker"] } };
            expect(said({ ...values, placement })).to.match(problem);
        });
    }

    const logins = JSON.stringify([
        { address: "https://other.example.org", username: "x", password: "y" },
        { address: "https://registry.example.org:5000/v2/", username: "ci", password: "p" },
        { address: "half.example.org", username: "ci" },
    ]);

    for (const [address, text, login] of [
        ["registry.example.org:5000/team", logins, { username: "ci", password: "p" }],
        ["registry.example.org", logins, undefined],
        ["half.example.org", logins, undefined],
        [undefined, logins, undefined],
        ["registry.example.org:5000", undefined, undefined],
        ["registry.example.org:5000", "no JSON", undefined],
    ] as const) {
        it(`at ${address} has ${login === undefined ? "no login" : "a login"} by ${text?.slice(0, 9)}`, () => {
            expect(registryLogin({ address }, text)).to.deep.equal(login);
        });
    }
});
