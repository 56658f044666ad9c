import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The folder of the kit: in the project, and in the build context of a trainer that takes it. */
export const KIT = "kit";

/** A COPY from the context, whose first source is in the kit. `--from` would name another stage. */
const COPIES_KIT = /^[ \t]*COPY[ \t]+(?:--(?!from=)\S+[ \t]+)*(?:\.\/)?kit\//im;

/**
 * Whether a trainer takes the kit: its Dockerfile copies from `kit/`, which its own folder does not have. Without the
 * kit, such a Dockerfile could not be built.
 */
export function takesKit(trainer: string): boolean {
    const file = join(trainer, "Dockerfile");
    return !existsSync(join(trainer, KIT)) && existsSync(file) && COPIES_KIT.test(readFileSync(file, "utf8"));
}
