import { expect } from "chai";

import { type LogOptions, requestIn, shownBy } from "../../../../cli/upkeep/accessLog";
import { LOG_FORMAT } from "../../../../components/gateway/accessLog";

const ACCESS = "access";
const AT = BigInt(Date.parse("2026-01-31T16:35:00.000Z")) * 1_000_000n;

/** A line as HAProxy 3.0 writes it. */
const line = (more: object = {}) =>
    JSON.stringify({
        ...{ time: "2026-01-31T16:34:00.123Z", id: "0cc53a71", endpoint: "api", user: "ci", role: "caller" },
        ...{ source: "172.18.0.1", method: "POST", path: "/predict", status: 200, bytes: 256, ms: 3 },
        ...{ replica: "10.0.73.22", version: "7" },
        ...more,
    });
const NOTICE = "[NOTICE]   (7) : Loading success.";
const REFUSED = line({ user: "", role: "", status: 401, replica: "", version: "" });

describe("the access log", () => {
    const given: LogOptions = {
        ...{ service: undefined, user: undefined, status: undefined, last: undefined, json: false },
    };
    const shown = (options: Partial<LogOptions>, ...lines: string[]) => {
        const show = shownBy({ ...given, ...options }, ACCESS);
        return lines.flatMap((text) => show({ text, at: AT }) ?? []);
    };

    it("has the fields that the gateway writes", () => {
        const written = [...LOG_FORMAT.matchAll(/%\((\w+)/g)].map(([, name]) => name!);
        expect(Object.keys(requestIn(line())!)).to.have.members(written);
    });

    it("is shown a line a request, without HAProxy's notices", () => {
        expect(shown({}, line(), NOTICE, REFUSED, "{broken", '{"a": 1}')).to.deep.equal([
            "2026-01-31 16:34:00.123 200 POST /predict ci (caller) 3 ms 256 B from 172.18.0.1 at api, by 10.0.73.22, version 7, id 0cc53a71",
            "2026-01-31 16:34:00.123 401 POST /predict - 3 ms 256 B from 172.18.0.1 at api, by the gateway, id 0cc53a71",
        ]);
    });

    it("takes the line's own time for a request that could not be read", () => {
        expect(shown({}, line({ time: "", user: null, status: 400 }))[0]).to.match(
            /^2026-01-31 16:35:00.000 400 .* - /,
        );
    });

    it("writes signs of a terminal as codes, because a client chooses its path", () => {
        const [text] = shown({}, line({ path: "/\u001b[2J\u202e" }));
        expect(text)
            .to.include("/\\u{1b}[2J\\u{202e} ")
            .and.not.match(/\p{Cc}|\p{Cf}/u);
    });

    it("is printed as it is with --json, and with --service access, which has the notices too", () => {
        expect(shown({ json: true }, line(), NOTICE)).to.deep.equal([line()]);
        expect(shown({ service: ACCESS }, line(), NOTICE)).to.deep.equal([line(), NOTICE]);
        expect(shown({ service: ACCESS, json: true }, line(), NOTICE)).to.deep.equal([line()]);
        expect(shown({ service: ACCESS, user: "ci" }, line(), NOTICE)).to.deep.equal([line()]);
        expect(shown({ service: "serving" }, "{}", NOTICE)).to.deep.equal(["{}", NOTICE]);
    });

    for (const [wanted, statuses] of [
        [{ status: "5xx" }, [500, 503]],
        [{ status: "404" }, [404]],
        [{ user: "ops" }, [403]],
        [{ user: "ci", status: "5xx" }, [500]],
        [{ user: "c" }, []],
    ] as const) {
        it(`is searched by ${JSON.stringify(wanted)}`, () => {
            const lines = [
                ...[line({ status: 500 }), line({ status: 503, user: "ann" }), line({ status: 404 })],
                ...[line({ status: 403, user: "ops" }), line(), REFUSED, NOTICE],
            ];
            const found = shown({ ...wanted, json: true }, ...lines).map(
                (it) => (JSON.parse(it) as { status: number }).status,
            );
            expect(found).to.deep.equal(statuses);
        });
    }
});
