/** The command line of all verbs, by commander. It is read strictly, and refused before anything is changed. */
import { resolve } from "node:path";
import { Command, CommanderError, Option as CommanderOption } from "commander";
import { mistake } from "../../common/mistake";
import { keptByNpm, MLOPS } from "./args";
import { isPassing, meaning, type Option, type StrictVerb, synopsis, type Verb, written } from "./verb";

const UNCHANGED = "Nothing was changed.";
const WIDTH = 110;
const INTRODUCTION = `Deploys code, not models. Each command says by --help what it changes.`;

/** The parts that commander found in a verb's command line. */
interface Line {
    readonly seen: readonly Seen[];
    /** The words that are no options. */
    readonly words: readonly string[];
    /** The words as the person typed them. */
    readonly args: readonly string[];
}

/** The facts besides the words that a run of the program depends on. */
export interface Caller {
    readonly env: NodeJS.ProcessEnv;
    /** The folder where relative paths begin. */
    readonly folder: string;
    /** Whether a person types. A person sees that a dry run was a dry run. */
    readonly isTerminal: boolean;
}

/** One option of a command line: its declared name, the typed word, and the value. */
interface Seen {
    readonly name: string;
    readonly word: string;
    readonly value: string | true;
}

/**
 * Runs the verb that a command line names.
 *
 * @param args the words after the program's name
 * @returns the exit code
 * @throws Mistake for a command line that is refused
 */
export async function runProgram(
    verbs: readonly Verb[],
    args: readonly string[],
    caller: Caller,
): Promise<number> {
    const named = verbs.find(({ name }) => name === args[0]);
    if (named !== undefined && isPassing(named)) {
        return named.pass(args.slice(1));
    }
    let code = 0;
    const program = new Command(`npm run ${MLOPS} --`)
        .description(INTRODUCTION)
        .usage("COMMAND [OPTIONS]")
        .exitOverride()
        .helpOption("-h, --help", "shows this, or how a command is used, and does nothing")
        .helpCommand(false)
        .configureHelp({
            helpWidth: WIDTH,
            optionTerm: ({ flags }) => flags.replace(/[<>]/g, ""),
            subcommandTerm: (command) => command.name(),
        })
        .configureOutput({
            writeOut: (text) => console.log(text.trimEnd()),
            writeErr: (text) => console.error(text.trimEnd()),
            // The error is thrown, and the catcher prints it once.
            outputError: () => undefined,
        });
    for (const verb of verbs) {
        const command = program.command(verb.name).summary(verb.summary).description(verb.summary);
        describe(command, verb, caller.env);
        if (!isPassing(verb)) {
            const seen = listen(command, verb);
            command.action(async () => {
                const given = read(verb, { seen, words: command.args, args }, caller);
                code = await verb.run(given, command.args, caller.folder);
            });
        }
    }
    const refuse = (problem: string): never => {
        const command = program.commands.find((it) => it.name() === named?.name) ?? program;
        throw mistake(`${problem}\n\n${command.helpInformation().trimEnd()}`);
    };
    try {
        await program.parseAsync([...args], { from: "user" });
    } catch (error) {
        if (error instanceof CommanderError) {
            return error.exitCode === 0 || error.code === "commander.help"
                ? error.exitCode
                : refuse(`${toldBy(error)}. ${UNCHANGED}`);
        }
        throw error instanceof Refused ? refuse(error.message) : error;
    }
    return code;
}

/** A refused command line. The message ends with the verb's help. */
class Refused extends Error {}

/** "Unknown option '--stak' (Did you mean --stack?)" */
function toldBy({ message }: CommanderError): string {
    const said = message.replace(/^error: /, "").replace(/\s*\n\s*/g, " ");
    return `${said.charAt(0).toUpperCase()}${said.slice(1)}`;
}

function describe(command: Command, verb: Verb, env: NodeJS.ProcessEnv): void {
    const own = verb.script ?? `npm run ${verb.name}`;
    const isByAlias = env.npm_lifecycle_event === verb.name;
    const called = isByAlias ? `${own} --` : `npm run ${MLOPS} -- ${verb.name}`;
    command
        .usage(synopsis(verb))
        .configureHelp({
            ...command.configureHelp(),
            commandUsage: () => `${called} ${synopsis(verb)}`.trimEnd(),
        })
        .helpOption("-h, --help", "shows this, and does nothing")
        .addHelpText("after", after(verb, called));
    if (isPassing(verb)) {
        return;
    }
    command.allowExcessArguments();
    if (verb.words !== undefined) {
        command.argument(`[${verb.words.name}...]`, verb.words.says);
    }
}

function after(verb: Verb, called: string): string {
    return [
        ...(verb.more === undefined ? [] : ["", verb.more]),
        "",
        `Changes: ${verb.changes}.`,
        ...(verb.examples.length > 0 ? ["", "Examples:"] : []),
        ...verb.examples.map((it) => `  ${called} ${it}`.trimEnd()),
    ].join("\n");
}

/** Declares a verb's options. Records each option of a command line, each time that it is given. */
function listen(command: Command, { options }: StrictVerb): Seen[] {
    const seen: Seen[] = [];
    for (const [name, option] of Object.entries(options)) {
        const words = [name, ...(option.was === undefined ? [] : [option.was])];
        for (const word of words) {
            const flags = option.value === undefined ? `--${word}` : `--${word} <${option.value}>`;
            command.addOption(new CommanderOption(flags, meaning(option)).hideHelp(word !== name));
            command.on(`option:${word}`, (value?: string) => seen.push({ name, word, value: value ?? true }));
        }
    }
    return seen;
}

/** The values of a command line. Throws if the command line is wrong. */
function read(verb: StrictVerb, line: Line, caller: Caller): Record<string, string | boolean | undefined> {
    const { options } = verb;
    const { seen } = line;
    const names = Object.entries(options).flatMap(([name, { was }]) => [
        name,
        ...(was === undefined ? [] : [was]),
    ]);
    const problem =
        keptByNpm(verb.name, names, caller.env) ??
        problemOf(verb, line) ??
        (isOldScript(verb, seen, caller) ? since(verb) : undefined);
    if (problem !== undefined) {
        throw new Refused(problem);
    }
    for (const { word, name } of seen.filter((it) => it.word !== it.name)) {
        console.error(`--${word}: is called --${name} now; the next release does not know the old word.`);
    }
    const values = new Map(seen.map(({ name, value }) => [name, value]));
    return Object.fromEntries(
        Object.entries(options).map(([name, option]) => [
            name,
            valueOf(option, values.get(name), caller.folder),
        ]),
    );
}

function valueOf(option: Option, value: string | true | undefined, folder: string) {
    if (option.value === undefined) {
        return value === true;
    }
    if (value === undefined) {
        return option.otherwise;
    }
    return option.path && typeof value === "string" ? resolve(folder, value) : value;
}

function problemOf(verb: StrictVerb, { seen, words, args }: Line): string | undefined {
    const { options, apart = [], oneOf = [] } = verb;
    const [stray] = verb.words === undefined ? words : [];
    if (stray !== undefined) {
        return `Unexpected argument '${stray}'. ${UNCHANGED}`;
    }
    const names = seen.map(({ name }) => name);
    const twice = seen.find(({ name }, at) => names.indexOf(name) !== at);
    if (twice !== undefined) {
        return `--${twice.word}: given twice. ${UNCHANGED}`;
    }
    const empty = seen.find(({ value }) => value === "");
    if (empty !== undefined) {
        return `--${empty.word}: got nothing; give a value, or leave it out. ${UNCHANGED}`;
    }
    // The value was forgotten, so the next option is in its place.
    const forgotten = seen.find(
        ({ word, value }) =>
            typeof value === "string" && /^-./.test(value) && !args.includes(`--${word}=${value}`),
    );
    if (forgotten !== undefined) {
        const { word, value } = forgotten;
        return `--${word}: its value is missing; for the value ${value}, write --${word}=${value}. ${UNCHANGED}`;
    }
    const both = [...apart, oneOf].map((group) => group.filter((it) => names.includes(it)));
    const together = both.find((group) => group.length > 1);
    if (together !== undefined) {
        return `${together.map((it) => `--${it}`).join(" and ")}: give one of them. ${UNCHANGED}`;
    }
    if (oneOf.length > 0 && both.at(-1)!.length === 0) {
        return `${oneOf.map((it) => written(it, options[it]!)).join(" or ")}: one of them is needed. ${UNCHANGED}`;
    }
    const missing = Object.keys(options).find((name) => options[name]!.needed && !names.includes(name));
    return missing === undefined ? undefined : `--${missing}: missing. ${UNCHANGED}`;
}

/**
 * Whether a script calls a verb in the way of the last release, which then changed something and now would only look.
 */
function isOldScript({ actedUnasked }: StrictVerb, seen: readonly Seen[], { isTerminal }: Caller): boolean {
    return (
        actedUnasked === true && !isTerminal && !seen.some(({ name }) => name === "yes" || name === "dry-run")
    );
}

function since({ name }: StrictVerb): string {
    return (
        `--yes: missing; ${name} changes nothing without it any more. ` +
        `Give --yes, or --dry-run to see what would change. ${UNCHANGED}`
    );
}
