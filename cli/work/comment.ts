/** Writes a review as a comment of a pull request. Each push changes the same comment. */
import { readFileSync } from "node:fs";
import { mistake } from "../../common/mistake";
import { comment as writeComment, repository } from "../ci/github";
import { MARKER } from "../ci/markdown";
import { messageOf } from "../terminal/steps";

export interface CommentArgs {
    readonly pull: string;
    readonly file: string;
    readonly yes: boolean;
}

export async function comment(given: CommentArgs): Promise<number> {
    const pull = Number(given.pull);
    if (!Number.isInteger(pull) || pull < 1) {
        throw mistake(`--pull: got ${given.pull}; expected a number. Nothing was changed.`);
    }
    const body = contentOf(given.file);
    if (!body.startsWith(MARKER)) {
        throw mistake(`--file: ${given.file} is not what npm run review writes`);
    }
    if (!given.yes) {
        console.log(
            `${body.trimEnd()}\n\nThis would be the comment of pull request ${pull}. To write it: --yes`,
        );
        return 0;
    }
    console.log(await writeComment(await repository(process.env), pull, MARKER, body));
    return 0;
}

function contentOf(file: string): string {
    try {
        return readFileSync(file, "utf8");
    } catch (error) {
        throw mistake(`--file: got ${file}, which cannot be read (${messageOf(error)})`);
    }
}
