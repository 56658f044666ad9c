/** An error that a person can act on. The message says everything, so a command and Pulumi show it without a stack trace. */
export class Mistake extends Error {
    override readonly name = "Mistake";
}

/** The error to throw for what a person can act on. The message says what was given and what to do. */
export function mistake(message: string): Mistake {
    return new Mistake(message);
}

/** Marks the lines that a program printed, so that they stand apart from the message about them. */
export function quoted(lines: readonly string[]): string[] {
    return lines.map((line) => `  | ${line}`);
}
