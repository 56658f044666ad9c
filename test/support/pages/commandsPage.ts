import { isPassing, meaning, synopsis, type Verb, written } from "../../../cli/terminal/verb";

const HEAD = `# Commands

Each command of the project, as \`npm run mlops -- COMMAND --help\` tells of it. This page is made from the same definitions:
\`MOCHA_WRITE_PAGES=1 npm test -- unit:commandsPage\` writes it anew.

\`npm run COMMAND -- OPTIONS\` is the same as \`npm run mlops -- COMMAND OPTIONS\`; so are \`npm start\` and \`npm test\`.
\`npx mlops COMMAND OPTIONS\` is it too, and takes its paths from the folder that it is called in.
npm keeps options that stand before \`--\` for itself. A command that finds one there refuses it.

A command that changes what runs, or what is kept, changes nothing without \`--yes\`: it shows what it would do.
\`--dry-run\` says so in words, for scripts. Why some do without: [one command](decisions/0003-one-command.md).
A command line that is not understood as a whole is refused, and nothing is changed.
`;

/** The page of all commands, as Markdown. */
export function commandsPage(verbs: readonly Verb[]): string {
    const rows = verbs.map(({ name, summary }) => `| [${name}](#${name}) | ${cell(summary)} |`);
    return [HEAD, "| command | |", "| --- | --- |", ...rows, ...verbs.flatMap(section), ""].join("\n");
}

function section(verb: Verb): string[] {
    const line = `npm run mlops -- ${verb.name} ${synopsis(verb)}`.trimEnd();
    const options = isPassing(verb) ? [] : Object.entries(verb.options);
    const old = options.flatMap(([name, { was }]) =>
        was === undefined
            ? []
            : [
                  `\`--${was}\` is the word of the last release for \`--${name}\`; the next one does not know it.`,
              ],
    );
    const examples = verb.examples.map((it) => `npm run mlops -- ${verb.name} ${it}`.trimEnd());
    return [
        ...["", `## ${verb.name}`, `${verb.summary}.`],
        ...["", "```text", line, "```"],
        ...(options.length === 0 ? [] : ["", "| option | |", "| --- | --- |"]),
        ...options.map(
            ([name, it]) =>
                `| \`${written(name, it)}\`${it.needed ? " (needed)" : ""} | ${cell(meaning(it))} |`,
        ),
        ...old.flatMap((it) => ["", it]),
        ...["", `Changes: ${verb.changes}.`],
        ...(verb.more === undefined ? [] : ["", verb.more.replaceAll("\n", " ")]),
        ...(examples.length === 0 ? [] : ["", "```sh", ...examples, "```"]),
    ];
}

function cell(text: string): string {
    return text.replaceAll("|", "\\|");
}
