/** Finds the unit tests that a change can break. */

/** A file of the tree, and the files that it imports. */
export interface Module {
    /** The path from the root of the checkout. */
    readonly source: string;
    readonly imports: readonly string[];
}

const TEST = /^test\/unit\/.*\.test\.ts$/;
/** These tests read files of all kinds. */
const READERS = /^test\/unit\/repository\//;

/**
 * The unit tests that reach a changed file by imports. No module imports a page or a shell file. Such a file counts
 * as reached by each module that names it, and by the tests of the repository's files.
 *
 * @param changed paths from the root of the checkout
 * @param textOf the text of a module
 * @returns sorted paths
 */
export function affectedTests(
    modules: readonly Module[],
    changed: readonly string[],
    textOf: (source: string) => string,
): string[] {
    const known = new Set(modules.map(({ source }) => source));
    const others = changed.filter((file) => !known.has(file));
    const names = others.map((file) => file.slice(file.lastIndexOf("/") + 1));
    const naming = modules.map(({ source }) => source).filter((it) => mentions(textOf(it), names));
    const reading = others.length === 0 ? [] : [...known].filter((it) => READERS.test(it));
    const reached = importersOf(modules, [...changed, ...naming, ...reading]);
    return [...reached].filter((file) => TEST.test(file)).sort();
}

function mentions(text: string, names: readonly string[]): boolean {
    return names.some((name) => text.includes(name));
}

/** The files, and all files that import them directly or through others. */
function importersOf(modules: readonly Module[], files: readonly string[]): Set<string> {
    const importers = new Map<string, string[]>();
    for (const { source, imports } of modules) {
        for (const imported of imports) {
            importers.set(imported, [...(importers.get(imported) ?? []), source]);
        }
    }
    const reached = new Set<string>();
    const open = [...files];
    for (let file = open.pop(); file !== undefined; file = open.pop()) {
        if (!reached.has(file)) {
            reached.add(file);
            open.push(...(importers.get(file) ?? []));
        }
    }
    return reached;
}
