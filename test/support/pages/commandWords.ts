/** Options that only stop Pulumi from asking. */
const UNASKED = ["--yes", "--skip-preview", "--non-interactive"];
/** Options with a value that differs for each stack or machine. */
const NAMED = ["--from", "--to", "--file", "--stacks", "--out", "--backup", "--identity", "--release"];
const NAME = "NAME";

/** The words of a shell command. Quotes around a whole word are removed. */
export function wordsOf(command: string): string[] {
    const words = command.match(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g) ?? [];
    return words.map((word) => word.replace(/^(['"])([^'"]*)\1$/, "$2"));
}

/**
 * A command without the parts that differ between stacks, between machines, and between a person and a test. The same
 * command gives the same text. The stack is left out, and the order of options does not matter.
 */
export function settled(words: readonly string[]): string {
    const isPulumi = words[0] === "pulumi";
    const plain: string[] = [];
    const options: string[] = [];
    const own = byAlias(words).filter((word) => word !== "--" && !(isPulumi && UNASKED.includes(word)));
    for (const [option, ...after] of groups(own)) {
        if (option === undefined || !option.startsWith("-")) {
            plain.push(...(option === undefined ? [] : [option]), ...after);
        } else if (option === "--stack") {
            plain.push(...after.slice(1));
        } else if (NAMED.includes(option)) {
            plain.push(...after.slice(1));
            options.push(`${option} ${NAME}`);
        } else {
            options.push([option, ...after].join(" "));
        }
    }
    if (/^pulumi stack (init|rm) /.test(plain.join(" "))) {
        plain.splice(3, 1, NAME);
    }
    if (/^npm run nodes label /.test(plain.join(" "))) {
        plain.splice(4, 1, NAME);
    }
    return [...plain, ...options.sort()].join(" ");
}

/** The script of package.json that does the same as a command of `npm run mlops`. */
function byAlias(words: readonly string[]): readonly string[] {
    if (words.slice(0, 4).join(" ") !== "npm run mlops --") {
        return words;
    }
    const [verb = "", ...rest] = words.slice(4);
    return [...(["start", "test"].includes(verb) ? ["npm", verb] : ["npm", "run", verb]), "--", ...rest];
}

/** Words in groups. Each group except the first begins with an option. */
function groups(words: readonly string[]): string[][] {
    return words.reduce<string[][]>(
        (all, word) =>
            word.startsWith("-") ? [...all, [word]] : [...all.slice(0, -1), [...all.at(-1)!, word]],
        [[]],
    );
}
