/** Proposes a stack's changed configuration as a pull request, so that git says what runs. */
import { propose, repository } from "../ci/github";
import { needed, parse } from "../terminal/args";
import { pathInRepository } from "../stack/commit";
import { openStack } from "../stack/stack";
import { main } from "../terminal/steps";

const USAGE = `npm run propose -- --stack STACK --base BRANCH --why TEXT

  --stack STACK   the stack whose Pulumi.STACK.yaml was changed here
  --base BRANCH   the branch that gets the change
  --why TEXT      the pull request's title`;

main(async (args) => {
    const given = parse(args, { stack: "text", base: "text", why: "text" } as const, USAGE);
    const stack = await openStack(needed(given.stack, "stack", USAGE));
    const base = needed(given.base, "base", USAGE);
    const title = needed(given.why, "why", USAGE);
    const run = process.env.GITHUB_RUN_ID ?? String(Date.now());
    const url = await propose(await repository(process.env), {
        file: stack.file,
        path: await pathInRepository(stack.file),
        branch: `stack/${stack.name}-${run}`,
        base,
        title,
        body: `What runs in ${stack.name} now. Until this is merged, the next deployment of ${base} undoes it.`,
    });
    console.log(url ?? `${base} says so already.`);
    return 0;
});
