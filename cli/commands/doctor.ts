import { verb } from "../terminal/verb";

export const doctor = verb({
    name: "doctor",
    summary: "Shows which needed parts exist and work, and the remedy for the others",
    changes: "nothing",
    more: "The exit code is 1 when something has FAILED.",
    examples: [""],
    options: {
        json: { says: "prints the findings as JSON" },
        // Ten times the time that it takes on a quiet machine, because a busy machine is not a broken one.
        within: { value: "SECONDS", says: "how long it may take", otherwise: "15" },
    },
    run: async (given) => (await import("../work/doctor")).doctor(given),
});
