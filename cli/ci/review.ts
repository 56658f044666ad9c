/** A stack as a pull request would leave it: its changes, its release, and the figures at the last gate. */
import { existsSync } from "node:fs";
import { Mistake, mistake } from "../../common/mistake";
import type { StackConfig } from "../../config/schema";
import type { ReleaseRecord } from "../../releases/records";
import { resolveRelease } from "../../releases/release";
import { commitsBetween } from "../release/change";
import { named } from "../terminal/report";
import { findStack, opened, stackFile } from "../stack/stack";
import { CHECKOUT } from "../local/paths";
import { previewOf, type Preview } from "./preview";

export interface StackReview {
    readonly stack: string;
    /** Why nothing can be compared. */
    readonly missing?: string;
    readonly preview?: Preview;
    readonly release?: ReleaseReview;
    /** The present release. */
    readonly serving?: ReleaseRecord;
    readonly gate?: Pick<StackConfig["gate"], "floors" | "bounds">;
}

export interface ReleaseReview {
    /** "3fbf2f058994 (v1.2)". */
    readonly next: string;
    readonly now: string | undefined;
    readonly added: readonly string[];
    readonly removed: readonly string[];
}

/** Previews one stack. An obstacle becomes part of the review. */
export async function review(name: string): Promise<StackReview> {
    if (!existsSync(stackFile(name))) {
        throw mistake(`--stacks: got ${name}; there is no ${stackFile(name)}`);
    }
    const stack = await findStack(name);
    if (stack === undefined) {
        return { stack: name, missing: "There is no such stack yet; its first deployment makes it." };
    }
    const preview = await previewOf(stack);
    const described = await opened(name, stack).catch((error: unknown) => {
        if (error instanceof Mistake) {
            return undefined;
        }
        throw error;
    });
    // The program refuses the configuration. The preview has the reason.
    if (described === undefined) {
        return { stack: name, preview };
    }
    const { config, releases } = described;
    const [serving] = releases;
    const release =
        config.release === undefined
            ? undefined
            : await releaseReview(config.release, serving, config.trainer);
    return {
        stack: name,
        preview,
        gate: config.gate,
        ...(serving === undefined ? {} : { serving }),
        ...(release === undefined ? {} : { release }),
    };
}

async function releaseReview(
    ref: string,
    serving: ReleaseRecord | undefined,
    trainer: StackConfig["trainer"],
): Promise<ReleaseReview | undefined> {
    const next = await resolveRelease(CHECKOUT, trainer.path, ref).catch(() => undefined);
    // This clone does not have the release. The preview has refused it.
    if (next === undefined) {
        return undefined;
    }
    const [added, removed] =
        serving === undefined ? [[], []] : await commitsBetween(serving.commit, next.commit);
    return { next: named(next), now: serving === undefined ? undefined : named(serving), added, removed };
}
