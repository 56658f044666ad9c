/** Names that a trainer's package can have. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { LOCK } from "../source";
import { STANDARD_LIBRARY } from "./standardLibrary";

/** Lower case, as the package is also a folder of an image's name, and as Python's style asks for. */
const IDENTIFIER = /^[a-z_][a-z0-9_]*$/;
const KEYWORDS = new Set(
    (
        "and as assert async await break class continue def del elif else except finally for from global if import in is " +
        "lambda nonlocal not or pass raise return try while with yield"
    ).split(" "),
);
/** Folders and packages that lie beside the package. */
const BESIDE: Readonly<Record<string, string>> = {
    kit: "the platform's package",
    contract: "the folder of the contract, which tests import from",
    tests: "the folder of the tests",
    test: "a package of Python's own",
};
/** Packages whose import has another name than their distribution. */
const IMPORTED_AS: Readonly<Record<string, string>> = {
    "scikit-learn": "sklearn",
    "python-dateutil": "dateutil",
    pyyaml: "yaml",
    pillow: "pil",
    protobuf: "google",
    gitpython: "git",
};

/**
 * Why a package cannot have a name; undefined if it can.
 *
 * @param trainer the folder of the trainer that is copied, whose lock has the packages that it imports
 */
export function problemOfName(name: string, trainer: string): string | undefined {
    if (!IDENTIFIER.test(name) || KEYWORDS.has(name)) {
        return "needs the name of a Python package: lowercase letters, digits and '_', no word of Python's, such as churn";
    }
    const beside = BESIDE[name];
    if (beside !== undefined) {
        return `${name} is ${beside}; give another name`;
    }
    if (STANDARD_LIBRARY.has(name)) {
        return `${name} is a module of Python's own, which the package would hide; give another name`;
    }
    const lock = join(trainer, LOCK);
    const packages = existsSync(lock) ? importsOf(readFileSync(lock, "utf8")) : new Set<string>();
    return packages.has(name)
        ? `${name} is a package of the copied trainer's lock, which yours would hide; give another name`
        : undefined;
}

/** The names by which a lock's packages are imported, in lower case. */
export function importsOf(lock: string): Set<string> {
    const names = [...lock.matchAll(/^([A-Za-z0-9][A-Za-z0-9._-]*)==/gm)].map(([, name]) =>
        name!.toLowerCase(),
    );
    return new Set(names.flatMap((name) => [name.replaceAll(/[-.]/g, "_"), IMPORTED_AS[name] ?? []].flat()));
}
