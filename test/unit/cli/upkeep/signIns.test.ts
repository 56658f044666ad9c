import { expect } from "chai";

import {
    problemWith,
    type SignIn,
    signInsAfter,
    wrongRole,
    wrongSignIns,
} from "../../../../cli/upkeep/signIns";
import type { InsideHttp, InsideRequest } from "../../../../engine/streams/insideHttp";

const API = "http://gateway:8000";
const ONCE = { ms: 0, everyMs: 0 };

/** A gateway with these answers, one after another; the last one stays. */
function gateway(answer: (asked: InsideRequest, times: number) => { status: number; body?: string }) {
    const asked: InsideRequest[] = [];
    const request = (it: InsideRequest) => {
        asked.push(it);
        return Promise.resolve({ body: "", ...answer(it, asked.length) });
    };
    return { http: { request } as unknown as InsideHttp, asked };
}

describe("sign-ins after an update", () => {
    const told = (signIns: SignIn[]) =>
        signIns.map(({ user, password, isLetIn }) => `${user} ${password} ${isLetIn ? "in" : "out"}`);

    it("are those of present passwords, and of former ones", () => {
        const before = { seismic: "s", ci: "c", old: "o" };
        expect(told(signInsAfter(before, { seismic: "s", ci: "c2", ann: "a" }, []))).to.deep.equal([
            ...["seismic s in", "ci c2 in", "ann a in"],
            ...["ci c out", "old o out"],
        ]);
    });

    it("show a password that was to be made again and was not", async () => {
        const signIns = signInsAfter({ ci: "c" }, { ci: "c" }, ["ci"]);
        expect(told(signIns)).to.deep.equal(["ci c in", "ci c out"]);
        const { http } = gateway(() => ({ status: 200 }));
        expect(await wrongSignIns(http, API, signIns, ONCE)).to.equal(
            "the gateway answers 200 to the former password of ci; 401 is right",
        );
    });

    it("with former passwords are few, because the gateway slows down who guesses", () => {
        const before = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`u${at}`, "old"]));
        const signIns = signInsAfter(before, {}, []);
        expect(signIns).to.have.length(5);
    });

    it("are right by their status", () => {
        const of = (isLetIn: boolean) => ({ user: "ci", password: "c", isLetIn });
        for (const [isLetIn, status, isRight] of [
            [true, 200, true],
            [true, 401, false],
            [true, 503, false],
            [false, 401, true],
            // After some wrong passwords, the gateway answers this.
            [false, 429, true],
            [false, 200, false],
            [false, 503, false],
        ] as const) {
            expect(problemWith(of(isLetIn), status) === undefined, `${isLetIn} ${status}`).to.equal(isRight);
        }
    });

    it("are tried until the tasks before have ended, each only until it is right, and never told", async () => {
        const { http, asked } = gateway((_, times) => ({ status: times === 1 ? 401 : 200 }));
        const signIns = signInsAfter({}, { ann: "canary-a", ci: "canary-c" }, []);
        expect(await wrongSignIns(http, API, signIns, { ms: 1000, everyMs: 1 })).to.equal(undefined);
        expect(asked.map(({ credentials }) => credentials?.username)).to.deep.equal(["ann", "ci", "ann"]);
        expect(asked.every(({ ownName, url }) => ownName === false && url === `${API}/version`)).to.equal(
            true,
        );
        const down = gateway(() => ({ status: 503 }));
        expect(await wrongSignIns(down.http, API, signIns, ONCE)).to.equal(
            "the gateway answers 503 to the password of ann; 200 is right, 503 to the password of ci; 200 is right",
        );
    });
});

describe("a user's role", () => {
    const ci = { user: "ci", password: "c" };

    it("is that of the gateway's refusal", async () => {
        const says = (role: string) =>
            gateway(() => ({
                status: 403,
                body: `403: ci has the role ${role}. This needs the role admin.\n`,
            }));
        expect(await wrongRole(says("caller").http, API, { ...ci, role: "caller" })).to.equal(undefined);
        expect(await wrongRole(says("viewer").http, API, { ...ci, role: "caller" })).to.match(
            /does not take ci for a caller; it says \(403\): 403: ci has the role viewer/,
        );
        const passed = gateway(() => ({ status: 404 }));
        expect(await wrongRole(passed.http, API, { ...ci, role: "operator" })).to.match(/it says \(404\)/);
    });

    it("is not asked for with an admin's password, because the request would be passed on", async () => {
        const { http, asked } = gateway(() => ({ status: 404 }));
        expect(await wrongRole(http, API, { ...ci, role: "admin" })).to.equal(undefined);
        expect(asked).to.deep.equal([]);
    });
});
