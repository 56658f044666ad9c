/** Previews stacks and writes what a pull request would change, as Markdown. */
import { writeFileSync } from "node:fs";
import { renderReviews } from "../ci/markdown";
import { review, type StackReview } from "../ci/review";
import { parse } from "../terminal/args";
import { prepare } from "../setup/prepare";
import { main, step } from "../terminal/steps";

const USAGE = `npm run review -- [--stacks STACK,STACK] [--out FILE]

  --stacks STACKS   the stacks that are previewed: staging,prod
  --out FILE        writes the Markdown there, instead of printing it`;
const STACKS = "staging,prod";

main(async (args) => {
    const given = parse(args, { stacks: "text", out: "text" } as const, USAGE);
    const names = (given.stacks ?? STACKS).split(",");
    await prepare();
    const reviews: StackReview[] = [];
    for (const name of names) {
        reviews.push(await step(`Preview of ${name}`, () => review(name)));
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
});
