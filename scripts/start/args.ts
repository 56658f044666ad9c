/** The command line of `npm start -- ARGS`, which is that of `pulumi up`. */

export interface StartArgs {
    readonly stack: string;
    /** Arguments of `pulumi up`. */
    readonly up: readonly string[];
}

const DEFAULT_STACK = "dev";
/** Answers to "do you want to perform this update?": without any, `npm start` answers yes. */
const ANSWERS = ["--yes", "-y", "--skip-preview", "-f", "--preview-only"];

export function startArgs(args: readonly string[]): StartArgs {
    const stack = stackOf(args);
    const up = [...args];
    if (stack === undefined) {
        up.push("--stack", DEFAULT_STACK);
    }
    if (!args.some((arg) => ANSWERS.includes(arg))) {
        up.push("--yes");
    }
    // A summary follows; the outputs hold all releases.
    up.push("--suppress-outputs");
    return { stack: stack ?? DEFAULT_STACK, up };
}

function stackOf(args: readonly string[]): string | undefined {
    for (const [at, arg] of args.entries()) {
        if (arg === "--stack" || arg === "-s") {
            return args[at + 1];
        }
        const match = /^(?:--stack|-s)=(.+)$/.exec(arg);
        if (match !== null) {
            return match[1];
        }
    }
    return undefined;
}
