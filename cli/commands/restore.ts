import { verb } from "../terminal/verb";
import { DRY_RUN, STACK, YES, YES_OR_DRY_RUN } from "../terminal/words";

export const restore = verb({
    name: "restore",
    summary: "Replaces the content of a stack's registry by a backup",
    changes: "nothing without --yes. With it: the registry, and the releases that the stack remembers",
    examples: [
        "--stack prod --backup backups/prod-2026-01-31T163400Z --dry-run",
        "--stack prod --backup backups/prod-2026-01-31T163400Z --yes",
        "--stack prod --backup backups/prod-2026-01-31T163400Z --identity key.txt --yes",
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
        identity: {
            value: "FILE",
            says: "the age identities that open an encrypted backup",
            path: true,
        },
        unauthenticated: {
            says: "accepts a backup that the stack's key does not authenticate: somebody else may have made it",
        },
        overwrite: { says: "restores even if things are lost that only the present registry holds" },
        yes: YES,
        "dry-run": DRY_RUN,
    },
    apart: [YES_OR_DRY_RUN],
    actedUnasked: true,
    run: async (given) => (await import("../work/restore")).restore(given),
});
