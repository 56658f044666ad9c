import { verb } from "../terminal/verb";
import { DRY_RUN, STACK, YES_OR_DRY_RUN } from "../terminal/words";

export const user = verb({
    name: "user",
    summary: "Lists, adds and removes the users of a stack, or gives one a new password",
    changes:
        "Pulumi.STACK.yaml, for review in git, when a user is added or removed; nothing with list or --dry-run. With --yes, " +
        "the stack's users too",
    more: [
        "list shows the users, add NAME and remove NAME change them, and rotate NAME gives one a new password. Everybody",
        "else stays signed in, and no request is lost. The roles are caller, viewer, operator and admin; each may do what",
        "the ones before may. No password is printed.",
    ].join("\n"),
    examples: [
        "list --stack prod",
        "add ci --role caller --stack prod",
        "add ci --role caller --stack prod --yes",
        "rotate ci --stack prod --yes",
        "remove ci --stack prod --yes",
    ],
    words: {
        name: "ACTION",
        says: "list, add NAME, remove NAME or rotate NAME",
        form: "(list | add NAME | remove NAME | rotate NAME)",
    },
    options: {
        stack: { ...STACK, says: "the stack whose users these are" },
        role: { value: "ROLE", says: "for add: caller, viewer, operator or admin" },
        yes: { says: "also brings the stack up, with nothing changed but its users" },
        "dry-run": { ...DRY_RUN, says: "only shows what would change" },
    },
    apart: [YES_OR_DRY_RUN],
    run: async (given, words) => (await import("../work/user")).user(given, words),
});
