/** Options that several verbs have. An option means the same in each of them. */
import type { Option } from "./verb";

export const STACK = {
    value: "STACK",
    says: "the stack that the command is about",
    needed: true,
} as const satisfies Option;

export const FROM = {
    value: "STACK",
    says: "takes the newest release that this other stack validated",
} as const satisfies Option;

export const RELEASE = {
    value: "REF",
    says: "a release, by its tag, branch or commit",
} as const satisfies Option;

export const WHY = { value: "TEXT", says: "is written down with the release" } as const satisfies Option;

export const YES = { says: "does it; without it nothing is changed" } as const satisfies Option;

export const DRY_RUN = {
    says: "only shows what would change, as without --yes",
} as const satisfies Option;

/** A command line has only one of --yes and --dry-run. */
export const YES_OR_DRY_RUN = ["yes", "dry-run"] as const;

export const SKIP_TRAINING = { says: "leaves the training out" } as const satisfies Option;

export const OUT = {
    value: "PATH",
    says: "the file or folder that is written",
    path: true,
} as const satisfies Option;
