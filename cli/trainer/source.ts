/** The source of a trainer: its files as an image's build sees them, laid out as the image would have them. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { mistake } from "../../common/mistake";
import type { TrainerModule } from "../../components/image/trainer";
import { hasModule } from "../../components/training/trainerModules";
import { type ContextFile, filesOf } from "../../releases/contextHash";
import { KIT, takesKit } from "../../releases/kit";
import { CHECKOUT } from "../local/paths";
import { type Image, placed, readDockerfile } from "./dockerfile";

/** The folder of an image in which a trainer's modules run: docs/trainer-contract.md. */
const APP = "/app";
export const LOCK = "requirements.txt";

export interface Source {
    readonly folder: string;
    readonly package: string;
    /** What the build sees, with the kit if the trainer takes it. */
    readonly files: readonly ContextFile[];
    readonly hasKit: boolean;
    /** Undefined if there is no Dockerfile. */
    readonly image: Image | undefined;
}

/**
 * Reads a trainer's folder.
 *
 * @param name the package; undefined for the only one that has a module `train`
 * @throws a mistake when there is no such folder, or no package to choose
 */
export function readSource(folder: string, name: string | undefined): Source {
    if (!existsSync(folder)) {
        throw mistake(`${folder}: no such folder. Give the folder of a trainer, such as examples/tabular.`);
    }
    const file = join(folder, "Dockerfile");
    const hasKit = takesKit(folder);
    return {
        folder,
        package: name ?? onlyPackage(folder),
        files: filesOf(folder, hasKit ? join(CHECKOUT, KIT) : undefined),
        hasKit,
        image: existsSync(file) ? readDockerfile(readFileSync(file, "utf8")) : undefined,
    };
}

function onlyPackage(folder: string): string {
    const found = readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isDirectory() && hasModule(join(folder, entry.name), "train"))
        .map(({ name }) => name);
    if (found.length !== 1) {
        const had = found.length === 0 ? "no folder with a module train" : `${found.sort().join(" and ")}`;
        throw mistake(
            `--package: not given, and ${folder} has ${had}. Give the name of the package, whose folder has train.py ` +
                "or train/__main__.py (docs/trainer-contract.md).",
        );
    }
    return found[0]!;
}

/** Whether `python -m PACKAGE.MODULE` finds something to run. */
export function has(source: Source, module: TrainerModule): boolean {
    return hasModule(join(source.folder, source.package), module);
}

/** Each file of the image below /app, by its place there. */
export function appFiles({ files, image }: Source): Map<string, ContextFile> {
    const places = placed(
        image?.copied ?? [],
        files.map(({ name }) => name),
    );
    return new Map(
        files.flatMap((file) =>
            (places.get(file.name) ?? [])
                .filter((place) => place.startsWith(`${APP}/`))
                .map((place) => [posix.relative(APP, place), file] as const),
        ),
    );
}

/** Writes the image's /app into a folder. The contract's lock is there too: a build makes an empty one. */
export function layOut(source: Source, app: string): void {
    writeFileSync(join(app, LOCK), "");
    for (const [place, { path }] of appFiles(source)) {
        const target = join(app, place);
        mkdirSync(dirname(target), { recursive: true });
        copyFileSync(path, target);
    }
}

/** The image's own variables, with its /app where it was laid out. */
export function imageVariables({ image }: Source, app: string): Record<string, string> {
    return Object.fromEntries(
        Object.entries(image?.variables ?? {}).map(([name, value]) => [
            name,
            value
                .split(":")
                .map((part) =>
                    part === APP || part.startsWith(`${APP}/`) ? join(app, part.slice(APP.length)) : part,
                )
                .join(":"),
        ]),
    );
}
