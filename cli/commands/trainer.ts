import { verb } from "../terminal/verb";
import { DRY_RUN } from "../terminal/words";

export const trainer = verb({
    name: "trainer",
    summary: "Makes a trainer of your own, and checks whether a trainer follows the contract",
    changes: "nothing with check, or with new --dry-run; new makes one folder",
    more: [
        "check PATH runs the trainer of a folder on this machine, without an engine: demo data, training, wrong input,",
        "registering in an MLflow of its own, serving. It needs Python 3.13, and the package index for the first check of a",
        "lock. Each line of its report names the section of docs/trainer-contract.md. The exit code is 1 unless all that is",
        "needed is ok. new NAME copies a trainer of this project, and gives its package your name.",
    ].join("\n"),
    examples: [
        "new churn --from tabular --dry-run",
        "new churn --from tabular",
        "check trainers/churn",
        "check trainers/churn --json",
    ],
    words: {
        name: "ACTION",
        says: "check PATH or new NAME",
        form: "(check PATH | new NAME)",
    },
    options: {
        from: { value: "TRAINER", says: "for new: the trainer that is copied, such as tabular" },
        path: { value: "PATH", says: "for new: the folder to make; trainers/NAME without it", path: true },
        package: { value: "NAME", says: "for check: the Python package, if the folder has several" },
        python: { value: "PATH", says: "for check: the Python 3.13, if it is not on PATH", path: true },
        data: { value: "PATH", says: "for check: a folder of data, instead of the demo's", path: true },
        within: { value: "SECONDS", says: "for check: how long one run may take; 300 without it" },
        json: { says: "for check: prints the report as JSON" },
        "dry-run": { ...DRY_RUN, says: "for new: only shows what would be made" },
    },
    run: async (given, words, folder) => (await import("../work/trainer")).trainer(given, words, folder),
});
