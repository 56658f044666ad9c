import { expect } from "chai";

import { givenPasswords } from "../../../config/secrets";
import { problems, PROD } from "../../support/program/problemsOfConfig";

const GOOD = "a-password-of-24-letters";

describe("the users of a stack", () => {
    it("have one of four roles", () => {
        expect(
            problems({ environment: "dev", access: { users: { ci: "caller", ann: "admin" } } }),
        ).to.deep.equal([]);
        expect(problems({ environment: "dev", access: { users: { ci: "root" } } })).to.deep.equal([
            "access.users.ci: got root; allowed: caller, viewer, operator, admin",
        ]);
    });

    for (const name of ["Ci", "1ci", "a b", "a:b", "", "seismic", "x".repeat(33)]) {
        it(`are not named ${JSON.stringify(name)}`, () => {
            expect(problems({ environment: "dev", access: { users: { [name]: "caller" } } })).to.have.length(
                1,
            );
        });
    }

    describe("with given passwords", () => {
        const users = { ci: "caller", ops: "operator" };
        const said = (passwords: unknown) => givenPasswords(JSON.stringify(passwords), users).problems;

        it("are taken where they are long enough", () => {
            expect(givenPasswords(JSON.stringify({ ci: GOOD }), users)).to.deep.equal({
                users: ["ci"],
                problems: [],
            });
            expect(givenPasswords(undefined, users)).to.deep.equal({ users: [], problems: [] });
        });

        const CASES: [string, unknown, RegExp][] = [
            ["of nobody", { bob: GOOD }, /^userPasswords\.bob: access\.users has no such user/],
            ["that can be guessed", { ci: "canary-short" }, /^userPasswords\.ci: is too short; at least 20/],
            [
                "with a line break",
                { ci: `canary\n${GOOD}` },
                /^userPasswords\.ci: has a character that headers do not/,
            ],
            ["of two users", { ci: GOOD, ops: GOOD }, /^userPasswords\.ops: is another user's too/],
            ["that are no object", "canary", /^userPasswords: has no password by user/],
        ];
        for (const [what, passwords, expected] of CASES) {
            it(`are refused: ${what}; the message does not show them`, () => {
                const [first, ...others] = said(passwords);
                expect(first).to.match(expected).and.not.include("canary");
                expect(others).to.deep.equal([]);
            });
        }
    });
});

describe("TLS of a stack", () => {
    const tls = (values: object, more: object = {}) => problems({ environment: "dev", tls: values, ...more });

    it("is chosen in one way", () => {
        expect(tls({ selfSigned: true, endsBefore: true })).to.deep.equal([
            "tls.endsBefore: given beside tls.selfSigned; choose one of them",
        ]);
        expect(tls({ certificate: "a.pem", selfSigned: true })).to.deep.equal([
            "tls.selfSigned: given beside tls.certificate; choose one of them",
        ]);
    });

    it("believes a proxy only if one ends TLS, and has names of its own only in its own certificate", () => {
        expect(tls({ selfSigned: true, trusted: ["10.0.0.5"] })[0]).to.match(
            /^tls\.trusted: got 10\.0\.0\.5;/,
        );
        expect(tls({ certificate: "a.pem", hosts: ["a.org"] })[0]).to.match(/^tls\.hosts: got a\.org;/);
        expect(tls({ endsBefore: true, trusted: ["10.0.0.5", "fd00::/8"] })).to.deep.equal([]);
    });

    it("has browsers ask by https only where they know the certificate", () => {
        expect(tls({ certificate: "a.pem", hsts: 300 })).to.deep.equal([]);
        expect(tls({ acme: "ops@example.org", hosts: ["ml.example.org"], hsts: 0 })).to.deep.equal([]);
        expect(tls({ selfSigned: true, hsts: 300 })[0]).to.match(/^tls\.hsts: got 300; browsers that do not/);
        for (const way of [{}, { endsBefore: true }]) {
            expect(tls({ ...way, hsts: 0 })[0]).to.match(/^tls\.hsts: got 0; the ports speak plain HTTP/);
        }
    });

    it("by ACME is for names that an ACME server can ask, all that people use", () => {
        const acme = "ops@example.org";
        expect(tls({ acme })[0]).to.match(/^tls\.hosts: missing; tls\.acme gets a certificate for names/);
        expect(tls({ acme, hosts: ["ml.example.org", "api.example.org"] })).to.deep.equal([]);
        for (const host of ["10.0.0.5", "*.example.org", "localhost", "ML.example.org", "fd00::1"]) {
            expect(tls({ acme, hosts: ["ml.example.org", host] })[0]).to.include(`tls.hosts: got ${host};`);
        }
        const url = { access: { url: "https://other.example.org" } };
        expect(tls({ acme, hosts: ["ml.example.org"] }, url)).to.deep.equal([
            "tls.hosts: got ml.example.org; access also has other.example.org, so add it",
        ]);
        expect(tls({ acme, hosts: ["ml.example.org"], selfSigned: true })).to.deep.equal([
            "tls.selfSigned: given beside tls.acme; choose one of them",
        ]);
    });

    it("by ACME takes a port of its own, and its other keys mean nothing without it", () => {
        const given = { acme: "ops@example.org", hosts: ["ml.example.org"] };
        expect(tls({ ...given, httpPort: 8080 }, { serving: { port: 8080 } })).to.deep.equal([
            "tls.httpPort: got 8080, which serving.port has; give each a port of its own",
        ]);
        expect(tls(given, { serving: { port: 80 } })[0]).to.include("tls.httpPort: got 80");
        for (const [key, value] of Object.entries({
            acmeServer: "https://acme.example.org/directory",
            acmeAuthority: "authority.pem",
            httpPort: 8080,
        })) {
            expect(tls({ [key]: value })).to.deep.equal([
                `tls.${key}: given without tls.acme; set tls.acme to an e-mail address, or take tls.${key} away`,
            ]);
        }
    });

    it("goes with addresses of https", () => {
        expect(tls({ selfSigned: true }, { access: { url: "http://ml.example.org" } })).to.deep.equal([
            "access.url: got http://ml.example.org; the ports speak TLS, so write https",
        ]);
        expect(tls({ endsBefore: true }, { access: { url: "https://ml.example.org" } })).to.deep.equal([]);
    });

    it("is there in prod, or said to be in front of it", () => {
        const prod = { environment: "prod", release: "v1", ...PROD };
        expect(problems({ ...prod, tls: {} })[0]).to.match(/^tls: missing; prod sends no password in clear/);
        expect(problems({ ...prod, tls: { endsBefore: true } })).to.deep.equal([]);
    });
});
