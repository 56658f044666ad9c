/** Previews stacks, and writes the changes of a pull request as Markdown. */
import { writeFileSync } from "node:fs";
import { renderReviews } from "../ci/markdown";
import { review as reviewOf, type StackReview } from "../ci/review";
import { prepare } from "../setup/prepare";
import { step } from "../terminal/steps";

export interface ReviewArgs {
    /** Names, separated by commas. */
    readonly stacks: string;
    /** The file to write; undefined prints the text. */
    readonly out: string | undefined;
}

export async function review(given: ReviewArgs): Promise<number> {
    const names = given.stacks.split(",");
    await prepare();
    const reviews: StackReview[] = [];
    for (const name of names) {
        reviews.push(await step(`Preview of ${name}`, () => reviewOf(name)));
    }
    const text = renderReviews(reviews);
    if (given.out === undefined) {
        console.log(`\n${text}`);
    } else {
        writeFileSync(given.out, text);
    }
    const failed = reviews.filter(({ preview }) => (preview?.errors.length ?? 0) > 0);
    for (const { stack, preview } of failed) {
        console.error(`\nThe preview of ${stack} failed:\n${preview?.errors.join("\n")}`);
    }
    return failed.length === 0 ? 0 : 1;
}
