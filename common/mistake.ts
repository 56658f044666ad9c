/** A person's mistake: the message says all that there is to say, so it is shown without a stack trace. */
export class Mistake extends Error {
    override readonly name: string = "Mistake";
}

/** An error to be thrown for a person's mistake: what was given, and what to do. */
export function mistake(message: string): Mistake {
    return new Mistake(message);
}

/** The lines that something printed, set apart from what is said of them. */
export function quoted(lines: readonly string[]): string[] {
    return lines.map((line) => `  | ${line}`);
}
