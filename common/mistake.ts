/** A person's mistake. The message says everything, so Pulumi shows it without a stack trace. */
export class Mistake extends Error {
    override readonly name: string = "Mistake";
}

/** The error to throw for a person's mistake. The message says what was given and what to do. */
export function mistake(message: string): Mistake {
    return new Mistake(message);
}

/** Marks the lines that a program printed, so that they stand apart from the message about them. */
export function quoted(lines: readonly string[]): string[] {
    return lines.map((line) => `  | ${line}`);
}
