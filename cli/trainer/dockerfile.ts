/** The instructions of a Dockerfile that say which files and variables its last stage has. Pure. */
import { posix } from "node:path";

/** Files of the build context, and their place in the image. */
export interface Copied {
    readonly sources: readonly string[];
    /** An absolute path; it ends with a slash if it names a folder. */
    readonly target: string;
}

/** What the last stage of a Dockerfile is made of, as far as it can be told without a build. */
export interface Image {
    readonly copied: readonly Copied[];
    readonly variables: Readonly<Record<string, string>>;
    /** Instructions that only a build can follow: files of other images, of the internet, or by a pattern. */
    readonly unfollowed: readonly string[];
}

interface Instruction {
    readonly word: string;
    readonly rest: string;
}

/** Reads a Dockerfile's last stage, with the stages that it begins from. */
export function readDockerfile(text: string): Image {
    const copied: Copied[] = [];
    const variables: Record<string, string> = {};
    const unfollowed: string[] = [];
    let folder = "/";
    for (const { word, rest } of lastStage(instructions(text))) {
        if (word === "WORKDIR") {
            folder = posix.resolve(folder, rest);
        } else if (word === "ENV") {
            Object.assign(variables, assignments(rest));
        } else if (word === "COPY" || word === "ADD") {
            const copy = copyOf(rest, folder);
            if (copy === undefined) {
                unfollowed.push(`${word} ${rest}`);
            } else {
                copied.push(copy);
            }
        }
    }
    return { copied, variables, unfollowed };
}

/** The instructions in order, each on one line, without comments. */
function instructions(text: string): Instruction[] {
    const lines = text.split("\n").filter((line) => !/^\s*#/.test(line));
    const joined = lines.join("\n").replace(/\\[ \t]*\n/g, " ");
    return joined.split("\n").flatMap((line) => {
        const found = /^\s*([A-Za-z]+)\s+(.*?)\s*$/.exec(line);
        return found === null ? [] : [{ word: found[1]!.toUpperCase(), rest: found[2]! }];
    });
}

/** The instructions of the last stage, after those of the stage that it is made from. */
function lastStage(all: readonly Instruction[]): Instruction[] {
    const stages = new Map<string, Instruction[]>();
    let current: Instruction[] = [];
    for (const instruction of all) {
        if (instruction.word === "FROM") {
            const [from = "", , name] = instruction.rest.replace(/^--platform=\S+\s+/, "").split(/\s+/);
            current = [...(stages.get(from.toLowerCase()) ?? [])];
            if (name !== undefined) {
                stages.set(name.toLowerCase(), current);
            }
        } else {
            current.push(instruction);
        }
    }
    return current;
}

/** The pairs of `ENV A=1 B="x y"`, or of the old form `ENV A 1`. A value that needs another variable is left out. */
function assignments(rest: string): Record<string, string> {
    const old = /^(\w+)\s+([^=].*)$/.exec(rest);
    const pairs =
        old !== null
            ? [[old[1]!, old[2]!] as const]
            : [...rest.matchAll(/(\w+)=("[^"]*"|'[^']*'|\S*)/g)].map(
                  ([, name, value]) => [name!, value!.replace(/^(["'])(.*)\1$/, "$2")] as const,
              );
    return Object.fromEntries(pairs.filter(([, value]) => !value.includes("$")));
}

function copyOf(rest: string, folder: string): Copied | undefined {
    const words = rest.startsWith("[") ? (JSON.parse(rest) as string[]) : rest.split(/\s+/);
    const paths = words.filter((word) => !word.startsWith("--"));
    const isOfContext = !words.some((word) => word.startsWith("--from="));
    const isPlain = paths.every((path) => !/[*?[$<]|^https?:/.test(path));
    if (paths.length < 2 || !isOfContext || !isPlain) {
        return undefined;
    }
    const last = paths.at(-1)!;
    const isFolder = /(^|\/)\.?$/.test(last) || paths.length > 2;
    const target = posix.resolve(folder, last);
    return {
        sources: paths.slice(0, -1).map((path) => posix.normalize(path).replace(/^\/+|\/+$/g, "") || "."),
        target: isFolder && target !== "/" ? `${target}/` : target,
    };
}

/**
 * The places in the image of the context's files.
 *
 * @param names the files of the build context
 * @returns place in the image by the name in the context
 */
export function placed(copied: readonly Copied[], names: readonly string[]): Map<string, string[]> {
    const places = new Map<string, string[]>();
    for (const { sources, target } of copied) {
        for (const source of sources) {
            for (const name of names) {
                const place = placeOf(name, source, target);
                if (place !== undefined) {
                    places.set(name, [...(places.get(name) ?? []), place]);
                }
            }
        }
    }
    return places;
}

/** The place of a file of the context by one source of a COPY; undefined if it does not copy the file. */
function placeOf(name: string, source: string, target: string): string | undefined {
    if (source === "." || name.startsWith(`${source}/`)) {
        return posix.join(target, posix.relative(source, name));
    }
    if (name !== source) {
        return undefined;
    }
    return target.endsWith("/") ? posix.join(target, posix.basename(name)) : target;
}
