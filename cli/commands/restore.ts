import { verb } from "../terminal/verb";
import { DRY_RUN, STACK, YES, YES_OR_DRY_RUN } from "../terminal/words";

export const restore = verb({
    name: "restore",
    summary: "Puts a backup in the place of what a stack's registry holds",
    changes: "nothing without --yes. With it: the registry, and the releases that the stack remembers",
    examples: [
        "--stack prod --backup backups/prod-2026-01-31T163400Z --dry-run",
        "--stack prod --backup backups/prod-2026-01-31T163400Z --yes",
        "--stack prod --backup backups/prod-2026-01-31T163400Z --overwrite --yes",
    ],
    options: {
        stack: {
            ...STACK,
            says: "the stack whose registry is restored; it may be another one of the same environment",
        },
        backup: {
            value: "PATH",
            says: "the backup: a folder that the command backup made",
            needed: true,
            path: true,
            was: "from",
        },
        overwrite: { says: "even when the registry holds what the backup does not, which is lost" },
        yes: YES,
        "dry-run": DRY_RUN,
    },
    apart: [YES_OR_DRY_RUN],
    actedUnasked: true,
    run: async (given) => (await import("../work/restore")).restore(given),
});
