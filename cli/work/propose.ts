/** Proposes a stack's changed configuration as a pull request, so that git has the running release. */
import { propose as openPullRequest, repository } from "../ci/github";
import { pathInRepository } from "../release/commit";
import { openStack } from "../stack/stack";

export interface ProposeArgs {
    readonly stack: string;
    readonly base: string;
    readonly why: string;
    readonly yes: boolean;
}

export async function propose({ stack: name, base, why: title, yes }: ProposeArgs): Promise<number> {
    const stack = await openStack(name);
    const path = await pathInRepository(stack.file);
    if (!yes) {
        console.log(`Would propose ${path}, as it is here, to ${base}: ${title}`);
        console.log("To propose it: --yes");
        return 0;
    }
    const run = process.env.GITHUB_RUN_ID ?? String(Date.now());
    const url = await openPullRequest(await repository(process.env), {
        file: stack.file,
        path,
        branch: `stack/${stack.name}-${run}`,
        base,
        title,
        body: `What runs in ${stack.name} now. Until this is merged, the next deployment of ${base} undoes it.`,
    });
    console.log(url ?? `${base} says so already.`);
    return 0;
}
