import type { EngineEvent, PreviewOptions, Stack } from "@pulumi/pulumi/automation";
import { CommandError } from "@pulumi/pulumi/automation";
import { expect } from "chai";

import { previewEvents, unreadOf } from "../../../../cli/stack/previewEvents";

/** A step as Pulumi 3.245 tells of it. The parts of a replacement are not logical. */
function step(op: string, name: string, { logical = true, type = "docker:index/service:Service" } = {}) {
    const urn = `urn:pulumi:prod::seismic-mlops::${type}::${name}`;
    return { resourcePreEvent: { metadata: { op, urn, type, provider: "", logical } } } as EngineEvent;
}

function summary(resourceChanges: Record<string, number>): EngineEvent {
    return { summaryEvent: { resourceChanges } } as unknown as EngineEvent;
}

const STACK = step("same", "seismic-mlops-prod", { type: "pulumi:pulumi:Stack" });
const REPLACED = [
    step("create-replacement", "users", { logical: false }),
    step("replace", "users"),
    step("delete-replaced", "users", { logical: false }),
];
const WHOLE = [STACK, step("update", "gateway"), ...REPLACED, summary({ same: 1, update: 1, replace: 1 })];

describe("the events of a preview", () => {
    it("are all read when they agree with the summary", () => {
        expect(unreadOf(WHOLE)).to.equal(undefined);
        expect(unreadOf([summary({})])).to.equal(undefined);
    });

    it("may tell of more than the summary counts: refreshed state, unchanged reads, Pulumi's own providers", () => {
        const type = "pulumi:providers:docker";
        const more = [
            step("refresh", "gateway", { logical: false }),
            step("read", "network"),
            step("same", "default_5_2_0", { type }),
        ];
        expect(unreadOf([...more, ...WHOLE])).to.equal(undefined);
        expect(unreadOf([step("same", "ours", { type }), ...WHOLE])).to.equal(
            "the summary counts 1 to same, the events 2",
        );
    });

    for (const [what, events, said] of [
        ["nothing came", [], "their summary did not come"],
        ["the summary did not come", WHOLE.slice(0, -1), "their summary did not come"],
        [
            "a step did not come",
            WHOLE.filter((event) => event !== WHOLE[1]),
            "the summary counts 1 to update, the events 0",
        ],
        [
            "several did not come",
            [step("update", "gateway"), summary({ same: 30, update: 2, delete: 1 })],
            "the summary counts 1 to delete, the events 0; the summary counts 30 to same, the events 0; " +
                "the summary counts 2 to update, the events 1",
        ],
        ["a step came twice", [WHOLE[1]!, ...WHOLE], "the summary counts 1 to update, the events 2"],
    ] as const) {
        it(`are not all read when ${what}`, () => expect(unreadOf(events)).to.equal(said));
    }
});

describe("a preview by events", () => {
    /** A stack whose previews give these events, one list after the other. */
    const stackOf = (...previews: (readonly EngineEvent[] | Error)[]) => {
        const given: PreviewOptions[] = [];
        const preview = (options: PreviewOptions): Promise<unknown> => {
            const events = previews[given.length]!;
            given.push(options);
            if (events instanceof Error) {
                return Promise.reject(events);
            }
            events.forEach((event) => options.onEvent?.(event));
            return Promise.resolve({});
        };
        return { given, stack: { name: "prod", preview } as unknown as Stack };
    };

    it("is made once when all events were read", async () => {
        const { stack, given } = stackOf(WHOLE);
        expect(await previewEvents(stack, { refresh: true })).to.deep.equal({
            events: WHOLE,
            failure: undefined,
        });
        expect(given.map(({ refresh }) => refresh)).to.deep.equal([true]);
    });

    it("is made again when they were not, with the same options and without the first events", async () => {
        const { stack, given } = stackOf(WHOLE.slice(0, 2), WHOLE);
        expect(await previewEvents(stack, { refresh: true })).to.deep.equal({
            events: WHOLE,
            failure: undefined,
        });
        expect(given.map(({ refresh }) => refresh)).to.deep.equal([true, true]);
    });

    it("fails when they were not all read again, and shows none of them", async () => {
        const { stack, given } = stackOf([], WHOLE.slice(1));
        expect(await previewEvents(stack)).to.deep.equal({
            events: [],
            failure:
                "Preview of prod: not all of the engine's events were read, 2 times: the summary counts 1 to same, " +
                "the events 0. Changes may be missing, so none are shown. Run the command again when this machine " +
                "is less busy.",
        });
        expect(given).to.have.length(2);
    });

    it("that Pulumi fails is not made again", async () => {
        const refused = Object.create(CommandError.prototype, {
            message: { value: "code: 255" },
        }) as CommandError;
        const { stack, given } = stackOf(refused);
        expect(await previewEvents(stack)).to.deep.equal({ events: [], failure: "code: 255" });
        expect(given).to.have.length(1);
    });

    it("throws any other error", async () => {
        const error = await previewEvents(stackOf(new Error("no such command")).stack).catch(
            (it: unknown) => it,
        );
        expect(error).to.have.property("message", "no such command");
    });
});
