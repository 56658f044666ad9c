/** The doctor's findings as text for a person. */
import { homedir } from "node:os";
import { table } from "../terminal/report";
import { SETUP, type Finding, type Mark, type Section } from "./finding";

const COLOURS: Readonly<Record<Mark, number>> = { ok: 32, note: 33, FAILED: 31 };
/** The spaces that `table` writes before a line, and between two cells. */
const GAP = 2;
const NARROWEST = 30;

export interface Screen {
    readonly columns: number;
    readonly colours: boolean;
}

/** The sections with aligned columns, and a closing line with the counts. */
export function screen(sections: readonly Section[], { columns, colours }: Screen): string {
    const findings = sections.flatMap((section) => section.findings);
    const [mark, what] = [widest(findings, "mark"), widest(findings, "what")];
    const room = Math.max(columns - (GAP + mark + GAP + what + GAP), NARROWEST);
    const body = sections.flatMap(({ title, findings }) => [
        title,
        // Each table begins with the widest cells, so that the columns of all tables are equally wide.
        ...table([
            ["".padEnd(mark), "".padEnd(what)],
            ...findings.flatMap((finding) => rows(finding, room)),
        ]).slice(1),
        "",
    ]);
    const text = [...body, closing(findings)].join("\n");
    return colours ? coloured(text) : text;
}

/** The number of findings with each mark: "14 ok, 2 notes, 1 FAILED". Also names setup if it is a remedy. */
function closing(findings: readonly Finding[]): string {
    const count = (mark: Mark): number => findings.filter((finding) => finding.mark === mark).length;
    const notes = count("note") === 1 ? "1 note" : `${count("note")} notes`;
    const isSetUp = findings.every(({ mark, remedy }) => mark !== "FAILED" || remedy !== SETUP);
    return (
        `${count("ok")} ok, ${notes}, ${count("FAILED")} FAILED` +
        (isSetUp ? "" : `\nSetup has not run yet, or not to its end. Run: ${SETUP}`)
    );
}

function rows({ mark, what, found, remedy }: Finding, room: number): string[][] {
    const lines = wrapped(withoutHome(found), room);
    const todo = remedy === undefined ? [] : wrapped(withoutHome(remedy), room - GAP);
    return [
        ...lines.map((line, at) => (at === 0 ? [mark, what, line] : ["", "", line])),
        ...todo.map((line, at) => ["", "", `${at === 0 ? "> " : "  "}${line}`]),
    ];
}

/** The words of a text in lines of at most `room` characters. A longer word gets its own line. */
function wrapped(text: string, room: number): string[] {
    const lines: string[] = [];
    for (const word of text.split(/\s+/)) {
        const line = lines.at(-1);
        if (line !== undefined && line.length + 1 + word.length <= room) {
            lines[lines.length - 1] = `${line} ${word}`;
        } else {
            lines.push(word);
        }
    }
    return lines;
}

function widest(findings: readonly Finding[], cell: "mark" | "what"): number {
    return Math.max(...findings.map((finding) => finding[cell].length));
}

/** Shortens paths below the home folder to ~, which a shell also reads. */
function withoutHome(text: string): string {
    return text.replaceAll(`${homedir()}/`, "~/");
}

function coloured(text: string): string {
    return text.replace(
        /^ {2}(ok|note|FAILED)(?= )/gm,
        (_, mark: Mark) => `  \x1b[${COLOURS[mark]}m${mark}\x1b[0m`,
    );
}
