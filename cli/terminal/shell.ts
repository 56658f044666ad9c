/** Quotes any text as one word of a POSIX shell. */
export function shellQuote(word: string): string {
    return `'${word.replaceAll("'", `'\\''`)}'`;
}
