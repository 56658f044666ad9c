/** Checks that what a stack serves is what it says, and that its code makes that model again. */
import { needed, parse } from "../terminal/args";
import { table } from "../terminal/report";
import { openStack } from "../stack/stack";
import { checks, type Finding } from "../stack/verification";
import { main, SetupError, step } from "../terminal/steps";

const USAGE = `npm run verify -- --stack STACK [--no-retrain]

  --stack STACK   the stack that is checked
  --no-retrain    leaves out the throw-away training run, which takes as long as any`;

main(async (args) => {
    const given = parse(args, { stack: "text", "no-retrain": "flag" } as const, USAGE);
    const stack = await openStack(needed(given.stack, "stack", USAGE));
    const [record] = stack.releases;
    if (record === undefined) {
        throw new SetupError(
            `Stack ${stack.name} has validated no release yet. Run: pulumi up --stack ${stack.name}`,
        );
    }
    const findings: Finding[] = [];
    for (const { title, check } of checks(stack, record, !given["no-retrain"])) {
        findings.push(...(await step(title, check)));
    }
    console.log("");
    console.log(
        table(findings.map(({ what, problem, says }) => [mark(problem), what, problem ?? says])).join("\n"),
    );
    const failed = findings.filter(({ problem }) => problem !== undefined).length;
    console.log(
        `\n${failed === 0 ? "All is as the stack says." : `${failed} of ${findings.length} checks failed.`}`,
    );
    return failed === 0 ? 0 : 1;
});

function mark(problem: string | undefined): string {
    return problem === undefined ? "ok" : "FAILED";
}
