/** A path or name that a shell accepts and a terminal can show, whatever bytes and line ends it has. */
export function shownPath(path: string | Buffer): string {
    const bytes = Buffer.from(path as string);
    const text = bytes.toString("utf8");
    if (/^[\w@%+=:,./-]+$/.test(text)) {
        return text;
    }
    const isText = Buffer.from(text).equals(bytes) && !/[\p{C}\u2028\u2029]/u.test(text);
    return isText ? `'${text.replaceAll("'", `'\\''`)}'` : `$'${[...bytes].map(escaped).join("")}'`;
}

function escaped(byte: number): string {
    const isPlain = byte >= 0x20 && byte < 0x7f && byte !== 0x27 && byte !== 0x5c;
    return isPlain ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, "0")}`;
}
