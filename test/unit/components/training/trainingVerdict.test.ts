import { expect } from "chai";

import { judgeTraining, needsRegistry } from "../../../../components/training/trainingVerdict";

const RUN = ["always", "on-change", "never"] as const;
const MADE = ["none", "an earlier one", "the one that serves"] as const;
const REGISTERED = [true, false, undefined] as const;
const STANDS = [true, false] as const;

/**
 * Every state of the facts, in the order of RUN, MADE, REGISTERED and STANDS. A line has the verdicts of one RUN and
 * MADE.
 */
const VERDICTS: Readonly<Record<string, readonly string[]>> = {
    // registered:                        true    true    false   false   unknown unknown
    // the newest run stands:             yes     no      yes     no      yes     no
    "always, none": ["train", "train", "train", "train", "train", "train"],
    "always, an earlier one": ["keep", "keep", "train", "train", "train", "train"],
    "always, the one that serves": ["train", "train", "train", "train", "train", "train"],
    "on-change, none": ["stand", "train", "stand", "train", "stand", "train"],
    "on-change, an earlier one": ["keep", "keep", "stand", "train", "stand", "train"],
    "on-change, the one that serves": ["stand", "keep", "train", "train", "stand", "keep"],
    "never, none": ["keep", "keep", "keep", "keep", "keep", "keep"],
    "never, an earlier one": ["keep", "keep", "keep", "keep", "keep", "keep"],
    "never, the one that serves": ["keep", "keep", "keep", "keep", "keep", "keep"],
};

describe("the verdict on a training", () => {
    for (const run of RUN) {
        for (const made of MADE) {
            it(`of ${run}, where ${made === "none" ? "no release" : made} was made of the same`, () => {
                const verdicts = REGISTERED.flatMap((registered) =>
                    STANDS.map((stands) => judgeTraining({ run, made, registered, stands })),
                );
                expect(verdicts).to.deep.equal(VERDICTS[`${run}, ${made}`]);
            });
        }
    }

    it("asks the registry only where its answer decides", () => {
        const asked = RUN.flatMap((run) =>
            MADE.filter((made) => needsRegistry({ run, made })).map((made) => `${run}, ${made}`),
        );
        expect(asked).to.deep.equal([
            "always, an earlier one",
            "on-change, an earlier one",
            "on-change, the one that serves",
        ]);
    });
});
