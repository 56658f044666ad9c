/** A verb of the command line: its words, their meaning, and its work. */

/** An option: a flag, or a word with a value behind it. */
export interface Option {
    /** The meaning, in a short sentence. */
    readonly says: string;
    /** The name of its value in the help, such as "STACK". A flag has none. */
    readonly value?: string;
    /** Whether the verb refuses to begin without this option. */
    readonly needed?: true;
    /** Whether the value is a path. A relative path begins at the caller's folder. */
    readonly path?: true;
    /** The value when the option is left out. */
    readonly otherwise?: string;
    /** Its word in the last release. This word is accepted for one more release, with a note that it is old. */
    readonly was?: string;
}

export type Options = Readonly<Record<string, Option>>;

type Value<O extends Option> = O extends { value: string }
    ? O extends { needed: true } | { otherwise: string }
        ? string
        : string | undefined
    : boolean;

/** The values of a verb's options from a command line. */
export type Given<O extends Options> = { readonly [K in keyof O]: Value<O[K]> };

interface Described {
    readonly name: string;
    /** The purpose, in one line. */
    readonly summary: string;
    /** The things that the verb changes; "nothing" if it changes nothing. */
    readonly changes: string;
    /** More sentences for the help, if the options do not say everything. */
    readonly more?: string;
    /** Command lines without the verb's name. */
    readonly examples: readonly string[];
    /** The script of package.json for this verb, if it is not `npm run NAME`. */
    readonly script?: "npm start" | "npm test";
}

interface Strict<O extends Options> extends Described {
    readonly options: O;
    /** The name of the words that may follow, in the help. A verb without it takes no words. */
    readonly words?: {
        readonly name: string;
        readonly says: string;
        /** Their form in the help, if it is not any number of such words: "(list | add NAME)". */
        readonly form?: string;
    };
    /** Groups of options. A command line may have one option of each group at most. */
    readonly apart?: readonly (readonly (keyof O & string)[])[];
    /** A command line must have exactly one of these options. */
    readonly oneOf?: readonly (keyof O & string)[];
    /**
     * In the last release the verb made its changes without --yes. A script that still calls it so is refused for one
     * release, because it would take a dry run for the real run.
     */
    readonly actedUnasked?: true;
    /**
     * @param folder the caller's folder, where relative paths among the words begin
     * @returns the exit code
     */
    run(given: Given<O>, words: readonly string[], folder: string): Promise<number>;
}

/** A verb with a command line that is read strictly. */
export interface StrictVerb extends Omit<Strict<Options>, "run"> {
    run(
        given: Readonly<Record<string, string | boolean | undefined>>,
        words: readonly string[],
        folder: string,
    ): Promise<number>;
}

/** A verb that passes its whole command line on. */
export interface PassingVerb extends Described {
    /** The passed command line, as the help writes it. */
    readonly passes: string;
    /** @returns the exit code */
    pass(args: readonly string[]): Promise<number>;
}

export type Verb = StrictVerb | PassingVerb;

export function isPassing(verb: Verb): verb is PassingVerb {
    return "pass" in verb;
}

/** Defines a verb. Its work gets exactly the options that the verb declares. */
export function verb<const O extends Options>(definition: Strict<O>): StrictVerb {
    return definition;
}

/** An option as it is written: "--stack STACK". */
export function written(name: string, { value }: Option): string {
    return value === undefined ? `--${name}` : `--${name} ${value}`;
}

/** The meaning of an option, and its default. */
export function meaning({ says, otherwise }: Option): string {
    return otherwise === undefined ? says : `${says}; ${otherwise} without it`;
}

/** The text after a verb's name in the help. Brackets mark the parts that may be left out. */
export function synopsis(of: Verb): string {
    if (isPassing(of)) {
        return of.passes;
    }
    const { options, words, oneOf = [], apart = [] } = of;
    const group = (names: readonly string[]) =>
        names.map((name) => written(name, options[name]!)).join(" | ");
    const told = new Set<string>(oneOf);
    const needed = Object.keys(options).filter((name) => options[name]!.needed);
    const rest = Object.keys(options).flatMap((name) => {
        if (told.has(name) || needed.includes(name)) {
            return [];
        }
        const names = apart.find((it) => it.includes(name)) ?? [name];
        const left = names.filter((it) => !told.has(it));
        left.forEach((it) => told.add(it));
        return [`[${group(left)}]`];
    });
    return [
        ...(words === undefined ? [] : [words.form ?? `[${words.name} …]`]),
        ...needed.map((name) => written(name, options[name]!)),
        ...(oneOf.length === 0 ? [] : [`(${group(oneOf)})`]),
        ...rest,
    ].join(" ");
}
