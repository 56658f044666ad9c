/** One word of a POSIX shell, whatever is in it. */
export function shellQuote(word: string): string {
    return `'${word.replaceAll("'", `'\\''`)}'`;
}
