/** Checks that a stack serves the recorded model, and that its code makes this model again. */
import { table } from "../terminal/report";
import { openStack, servingRelease } from "../stack/stack";
import { checks, type Finding } from "../release/verification";
import { step } from "../terminal/steps";

export interface VerifyArgs {
    readonly stack: string;
    readonly "skip-training": boolean;
}

export async function verify(given: VerifyArgs): Promise<number> {
    const stack = await openStack(given.stack);
    const record = servingRelease(stack);
    const findings: Finding[] = [];
    for (const { title, check } of checks(stack, record, !given["skip-training"])) {
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
}

function mark(problem: string | undefined): string {
    return problem === undefined ? "ok" : "FAILED";
}
