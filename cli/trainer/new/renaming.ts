/** Gives a copied trainer's package another name in its texts. Pure but for a look whether a linked file exists. */
import { existsSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";

export interface Renaming {
    readonly old: string;
    readonly new: string;
    /** The folders of both trainers, and the checkout that has them. */
    readonly from: string;
    readonly to: string;
    readonly checkout: string;
}

/**
 * A file's text for the new trainer. The package's name is replaced where it means the package, not in prose, in names
 * of metrics, or in the name of the base image.
 *
 * @param file its place in the copied trainer
 */
export function renamed(text: string, file: string, renaming: Renaming): string {
    const { old, new: name, from, to, checkout } = renaming;
    const paths = relinked(text, file, renaming);
    if (basename(file) === "Dockerfile") {
        // A cache of its own, because two builds with one cache wait for each other.
        return paths
            .replace(new RegExp(`\\b${old}\\b(?!-)`, "g"), name)
            .replace(/\bid=uv-[\w-]+/g, `id=uv-${name}`);
    }
    const [oldPath, newPath] = [relative(checkout, from), relative(checkout, to)];
    // A path of one word is also a word of prose.
    const isPath = oldPath.includes("/") ? "(?![\\w-])" : "(?=/)";
    return headed(paths, file, name)
        .replace(new RegExp(`(?<![\\w./-])${escaped(oldPath)}${isPath}`, "g"), newPath)
        .replace(new RegExp(`(trainer\\.package )${old}\\b`, "g"), `$1${name}`)
        .replace(new RegExp(`^(\\s*(?:from|import)\\s+)${old}\\b`, "gm"), `$1${name}`)
        .replace(new RegExp(`(["'\`])${old}\\1`, "g"), `$1${name}$1`)
        .replace(new RegExp(`(?<![\\w.-])${old}(?=\\.[A-Za-z_]|/)`, "g"), name);
}

/** The heading of a README. */
function headed(text: string, file: string, name: string): string {
    return file === "README.md" ? text.replace(/^# .*/, `# The trainer ${name}`) : text;
}

/** Links out of the trainer's folder, such as ../../docs or ../kit, from the place of the new one. */
function relinked(text: string, file: string, { from, to, checkout }: Renaming): string {
    return text.replace(/(?<![\w./])(?:\.\.\/)+[\w./-]*[\w-]/g, (link) => {
        const target = resolve(dirname(join(from, file)), link);
        const isOutside = relative(from, target).startsWith("..");
        const isHere = !relative(checkout, target).startsWith("..");
        return isOutside && isHere && existsSync(target) ? relative(dirname(join(to, file)), target) : link;
    });
}

function escaped(text: string): string {
    return text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}
