/** What a verb of the command line is: its words, what they mean, and the work that it hands over to. */

/** An option: a flag, or a word that a value follows. */
export interface Option {
    /** What it does, in a short sentence. */
    readonly says: string;
    /** What the help calls its value, such as "STACK"; a flag has none. */
    readonly value?: string;
    /** Whether the verb refuses to begin without it. */
    readonly needed?: true;
    /** Whether the value is a path: it is resolved where the person stands who calls the verb. */
    readonly path?: true;
    /** The value that it has where it is left out. */
    readonly otherwise?: string;
    /** The word that it had in the last release. It is taken for one more release, and told to be old. */
    readonly was?: string;
}

export type Options = Readonly<Record<string, Option>>;

type Value<O extends Option> = O extends { value: string }
    ? O extends { needed: true } | { otherwise: string }
        ? string
        : string | undefined
    : boolean;

/** The values of a verb's options, as a command line gave them. */
export type Given<O extends Options> = { readonly [K in keyof O]: Value<O[K]> };

interface Described {
    readonly name: string;
    /** What it is for, in one line. */
    readonly summary: string;
    /** What of the world is another thing afterwards; "nothing" where all stays. */
    readonly changes: string;
    /** More sentences for the help, where the options do not say all. */
    readonly more?: string;
    /** Command lines as they follow the verb's name. */
    readonly examples: readonly string[];
    /** The script of package.json that is this verb, where it has another form than `npm run NAME`. */
    readonly script?: "npm start" | "npm test";
}

interface Strict<O extends Options> extends Described {
    readonly options: O;
    /** What the help calls the words that may follow; a verb without it takes none. */
    readonly words?: { readonly name: string; readonly says: string };
    /** Groups of options of which one command line has one at most. */
    readonly apart?: readonly (readonly (keyof O & string)[])[];
    /** Options of which one command line has exactly one. */
    readonly oneOf?: readonly (keyof O & string)[];
    /**
     * In the last release the verb changed what it changes without --yes. A script that still calls it so is refused
     * for one release: it would take a dry run for the real one.
     */
    readonly actedUnasked?: true;
    /** @returns the exit code */
    run(given: Given<O>, words: readonly string[]): Promise<number>;
}

/** A verb whose command line is read strictly. */
export interface StrictVerb extends Omit<Strict<Options>, "run"> {
    run(
        given: Readonly<Record<string, string | boolean | undefined>>,
        words: readonly string[],
    ): Promise<number>;
}

/** A verb that hands its whole command line on. */
export interface PassingVerb extends Described {
    /** That command line, as the help writes it. */
    readonly passes: string;
    /** @returns the exit code */
    pass(args: readonly string[]): Promise<number>;
}

export type Verb = StrictVerb | PassingVerb;

export function isPassing(verb: Verb): verb is PassingVerb {
    return "pass" in verb;
}

/** A verb whose work is given exactly the options that the verb declares. */
export function verb<const O extends Options>(definition: Strict<O>): StrictVerb {
    return definition;
}

/** An option as it is written: "--stack STACK". */
export function written(name: string, { value }: Option): string {
    return value === undefined ? `--${name}` : `--${name} ${value}`;
}

/** What an option does, and what counts where it is left out. */
export function meaning({ says, otherwise }: Option): string {
    return otherwise === undefined ? says : `${says}; ${otherwise} without it`;
}

/** What follows a verb's name, with what may be left out in brackets. */
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
        ...(words === undefined ? [] : [`[${words.name} …]`]),
        ...needed.map((name) => written(name, options[name]!)),
        ...(oneOf.length === 0 ? [] : [`(${group(oneOf)})`]),
        ...rest,
    ].join(" ");
}
