import { expect } from "chai";

import { isUnknownStack } from "../../../components/stack/stackReleases";
import { checkPromotion } from "../../../releases/promotions";
import {
    isRolledBack,
    kept,
    RECORD_FORMAT,
    ReleaseRecord,
    releaseRecords,
    withRelease,
} from "../../../releases/records";
import { manifestOf, manifestText } from "../../../cli/backup/manifest";
import { parseJson } from "../../../common/json";
import { recordOf } from "../../support/commands/records";

type Name = "A" | "B" | "C";
const commitOf = (name: Name) => name.toLowerCase().repeat(40);

/** The records of a stack with these releases, one after another. */
function releasedOneByOne(names: readonly Name[]): ReleaseRecord[] {
    return names.reduce<ReleaseRecord[]>((records, name, day) => {
        const at = `2026-01-0${day + 1}T00:00:00Z`;
        return withRelease(records, recordOf(commitOf(name), { at, why: `release ${day + 1}` }));
    }, []);
}

describe("the records of a stack that goes back", () => {
    /** Releases in turn, and the resulting records (newest first; ! marks one that the stack went back from). */
    const HISTORIES: readonly [Name[], string][] = [
        [["A"], "A"],
        [["A", "B"], "BA"],
        [["A", "B", "A"], "AB!A"],
        [["A", "B", "A", "C"], "CAB!A"],
        [["A", "B", "A", "C", "A"], "AC!AB!A"],
        // A release that is released again after a rollback is no rollback from A.
        [["A", "B", "A", "B"], "BAB!A"],
        [["A", "B", "C", "B", "A"], "AB!C!B!A"],
    ];
    for (const [names, expected] of HISTORIES) {
        it(`after ${names.join(", ")} are ${expected}`, () => {
            const said = releasedOneByOne(names).map(({ commit, rolledBack }) => {
                const name = commit[0]!.toUpperCase();
                return rolledBack === undefined ? name : `${name}!`;
            });
            expect(said.join("")).to.equal(expected);
        });
    }

    it("say when and why", () => {
        const [, left] = releasedOneByOne(["A", "B", "A"]);
        expect(left!.rolledBack).to.deep.equal({ at: "2026-01-03T00:00:00Z", why: "release 3" });
    });

    it("hold nothing against a release that was released again", () => {
        const image = recordOf(commitOf("B")).image;
        const isLeft = (names: Name[]) =>
            isRolledBack(releasedOneByOne(names), { commit: commitOf("B"), image });
        expect(isLeft(["A", "B", "A"])).to.equal(true);
        expect(isLeft(["A", "B", "A", "B"])).to.equal(false);
    });

    it("warn of a promotion of what the stack before went back from", () => {
        const candidate = {
            ...{ commit: commitOf("B"), ref: "v2", dirty: false, trainer: "trainer" },
            repository: "seismic-mlops/trainer",
        };
        const check = (own: ReleaseRecord[], names: Name[]) =>
            checkPromotion("prod", "staging", candidate, own, releasedOneByOne(names), false);
        expect(check([], ["A", "B", "A"])).to.match(/v2 .* was rolled back from in staging at 2026-01-03/);
        expect(check([], ["A", "B", "A", "B"])).to.equal(undefined);
        expect(check([recordOf(commitOf("B"))], ["A", "B", "A"])).to.equal(undefined);
    });
});

describe("the form of a record", () => {
    /** Records as each version of the program wrote them into outputs and manifests. */
    const WRITTEN: readonly [format: string, record: object, read: Partial<ReleaseRecord>][] = [
        [
            "1, which named none",
            {
                ...{
                    commit: commitOf("A"),
                    ref: "v1",
                    dirty: false,
                    image: "seismic-mlops/trainer:0123456789abcdef",
                },
                ...{ version: "1", sha256: "5".repeat(64), runId: "r", dataSha256: "d" },
                ...{
                    trainedAt: "2026-01-01T00:00:00Z",
                    metrics: { macroF1: 0.9, perClass: { anomaly: {} } },
                },
                ...{ recipe: "0123456789abcdef", serving: "h@1@8000" },
                ...{ at: "2026-01-02T00:00:00Z", by: "ann", why: "first release" },
            },
            { commit: commitOf("A"), metrics: { macroF1: 0.9 }, why: "first release" },
        ],
        [
            "2",
            {
                format: 2,
                ...recordOf(commitOf("B")),
                rolledBack: { at: "2026-01-03T00:00:00Z", why: "worse" },
            },
            { commit: commitOf("B"), rolledBack: { at: "2026-01-03T00:00:00Z", why: "worse" } },
        ],
    ];
    for (const [format, record, expected] of WRITTEN) {
        it(`${format}, is read`, () => {
            const [read] = releaseRecords("prod", [record]);
            expect(read).to.deep.include(expected);
            expect(releaseRecords("prod", kept([read!]))).to.deep.equal([read]);
        });
    }

    it("of each version so far is among those, and the newest is written", () => {
        expect(WRITTEN).to.have.length(RECORD_FORMAT);
        const [written] = kept([recordOf(commitOf("A"))]);
        expect(written).to.include({ format: RECORD_FORMAT });
        const manifest = manifestOf({ releases: [recordOf(commitOf("A"))] } as never);
        expect(parseJson(manifestText(manifest))).to.deep.include({ releases: [written] });
    });

    it("that is newer than the program is refused, with what to use", () => {
        const newer = { ...recordOf(commitOf("A")), format: RECORD_FORMAT + 1 };
        expect(() => releaseRecords("prod", [newer])).to.throw(
            `stack prod: its output releases is not what this version of the program writes (0.format: of format ${RECORD_FORMAT + 1}; ` +
                `this version of the program knows formats up to ${RECORD_FORMAT}); use the version that wrote it`,
        );
    });
});

describe("that there is no stack", () => {
    const NAME = "organization/seismic-mlops/prod";
    const invoked = (said: string) =>
        `invocation of pulumi:pulumi:readStackOutputs returned an error: ${said}`;
    it("is what Pulumi says of it by its whole name", () => {
        expect(isUnknownStack(invoked(`unknown stack "${NAME}"`), NAME)).to.equal(true);
    });

    for (const [backend, said] of [
        ["another stack", 'unknown stack "organization/seismic-mlops/staging"'],
        [
            "a name server",
            "Get https://api.pulumi.com/api/stacks: dial tcp: lookup api.pulumi.com: no such host",
        ],
        ["Pulumi Cloud", "[404] Not found: Organization 'team' not found"],
        ["Pulumi Cloud, of a login", "[401] Unauthorized: No credentials provided or are invalid."],
        [
            "S3",
            "failed to load checkpoint: blob (key .pulumi/stacks/p/prod.json) (code=NotFound): NoSuchBucket",
        ],
        ["S3, of permission", "failed to load checkpoint: blob (code=PermissionDenied): AccessDenied"],
        ["PostgreSQL", 'failed to load checkpoint: pq: relation "pulumi_state" not found'],
        ["files", "failed to load checkpoint: open /state/.pulumi/stacks: permission denied"],
        ["a plugin", "resource plugin docker-5.2.0 not found"],
        ["a passphrase", "passphrase must be set; stack's secrets manager: key not found"],
        ["a command", "no stack named 'prod' found"],
    ] as const) {
        it(`is not what is said of ${backend}`, () => {
            expect(isUnknownStack(invoked(said), NAME)).to.equal(false);
        });
    }
});
