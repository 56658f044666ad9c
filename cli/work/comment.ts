/** Writes a review as the one comment of a pull request that each push changes. */
import { readFileSync } from "node:fs";
import { comment, repository } from "../ci/github";
import { MARKER } from "../ci/markdown";
import { needed, parse } from "../terminal/args";
import { main, SetupError } from "../terminal/steps";

const USAGE = `npm run comment -- --pull NUMBER --file FILE

  --pull NUMBER   the pull request
  --file FILE     what npm run review wrote`;

main(async (args) => {
    const given = parse(args, { pull: "text", file: "text" } as const, USAGE);
    const pull = Number(needed(given.pull, "pull", USAGE));
    if (!Number.isInteger(pull) || pull < 1) {
        throw new SetupError(`--pull: got ${given.pull}; expected a number\n\n${USAGE}`);
    }
    const body = readFileSync(needed(given.file, "file", USAGE), "utf8");
    if (!body.startsWith(MARKER)) {
        throw new SetupError(`--file: ${given.file} is not what npm run review writes`);
    }
    console.log(await comment(await repository(process.env), pull, MARKER, body));
    return 0;
});
