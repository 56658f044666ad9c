/** What a trainer's folder has, without running anything. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { messageOf } from "../../terminal/steps";
import type { TrainerModule } from "../../../components/image/trainer";
import { SCHEMA_FILE, settingsOf } from "../../../components/training/trainerSettings";
import { type Check, missing, ok, unless, type Verdict, wrong } from "../lines";
import { appFiles, has, LOCK, type Source } from "../source";

const IMAGE = "The image";
/** Folders that tools leave, and that no image needs. */
const LEFT = /(^|\/)(__pycache__|\.venv|venv|\.git|\.pytest_cache|\.ruff_cache|node_modules|mlruns)\//;
const IMPORTS_KIT = /^[ \t]*(?:from|import) kit\b/m;

export interface Folder {
    readonly source: Source;
}

/** What is lost without a module. */
const WITHOUT: Partial<Record<TrainerModule, string>> = {
    demo: "set data.source to folder, and check with --data FOLDER",
    status: "no status page: set statusPage to false",
    retraining: "no retraining: leave retraining.onDrift and retraining.schedule out",
};

/** @param hasData whether the check got a folder of data */
export function fileChecks(hasData: boolean): Check<Folder>[] {
    return [
        { what: "Dockerfile", section: IMAGE, judge: ({ source }) => dockerfile(source) },
        { what: "the package is copied to /app", section: IMAGE, judge: ({ source }) => copied(source) },
        {
            what: "files of other images",
            section: IMAGE,
            optional: true,
            judge: ({ source }) => unfollowed(source),
        },
        { what: "the kit", section: IMAGE, judge: ({ source }) => kit(source) },
        module("train"),
        module("serving"),
        { ...module("demo"), ...(hasData ? { optional: true } : {}) },
        { ...module("status"), optional: true },
        { ...module("retraining"), optional: true },
        { what: LOCK, section: IMAGE, optional: true, judge: ({ source }) => lock(read(source, LOCK)) },
        {
            what: SCHEMA_FILE,
            section: "Training: environment in",
            optional: true,
            judge: ({ source }) => settings(source),
        },
        { what: ".dockerignore", section: IMAGE, optional: true, judge: ({ source }) => ignored(source) },
    ];
}

function module(name: TrainerModule): Check<Folder> {
    return {
        what: `module ${name}`,
        section: IMAGE,
        judge: ({ source }) =>
            has(source, name)
                ? ok()
                : missing(
                      [`no ${source.package}/${name}.py and no ${source.package}/${name}/__main__.py`]
                          .concat(WITHOUT[name] ?? [])
                          .join("; "),
                  ),
    };
}

function dockerfile({ image, folder }: Source): Verdict {
    return image === undefined
        ? missing(`no Dockerfile in ${folder}; copy the one of examples/tabular`)
        : ok(`${image.copied.length} instructions copy files`);
}

/** The contract's place of the package, because the platform runs modules there. */
export function copied(source: Source): Verdict {
    const name = source.package;
    const laid = appFiles(source);
    const lacking = source.files.filter(({ name: file }) => file.startsWith(`${name}/`) && !laid.has(file));
    return unless(
        lacking.length === 0
            ? undefined
            : `${lacking.length} files of ${name}/ are not in the image's /app/${name}, such as ${lacking[0]!.name}; ` +
                  `copy the folder: COPY ${name} ./${name}`,
        `/app/${name}`,
    );
}

function unfollowed({ image }: Source): Verdict {
    const list = image?.unfollowed ?? [];
    return list.length === 0
        ? ok("none")
        : {
              mark: "skipped",
              found: "only a build has these files, so this check runs without them",
              output: list,
          };
}

function kit({ files, hasKit, package: name }: Source): Verdict {
    if (hasKit) {
        return ok("copied from kit/");
    }
    const asks = files.find(
        (file) =>
            /\.py$/.test(file.name) &&
            file.name.startsWith(`${name}/`) &&
            IMPORTS_KIT.test(readFileSync(file.path, "utf8")),
    );
    const own = files.some((file) => file.name.startsWith("kit/"));
    return unless(
        asks === undefined || own
            ? undefined
            : `${asks.name} imports kit, which the image does not have; add to the Dockerfile: COPY kit/kit ./kit`,
        own ? "a folder kit/ of its own" : "not taken",
    );
}

function read({ folder }: Source, name: string): string | undefined {
    const file = join(folder, name);
    return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

/** Every package of a lock needs a hash, so that the image is the same tomorrow. */
export function lock(text: string | undefined): Verdict {
    if (text === undefined) {
        return missing("no Python package is installed but Python's own library");
    }
    const entries = text
        .replace(/\\\s*\n/g, " ")
        .split("\n")
        .filter((line) => /^[A-Za-z0-9]/.test(line));
    const bare = entries.filter((line) => !/\s--hash=sha256:[0-9a-f]{64}\b/.test(line));
    return unless(
        bare.length === 0
            ? undefined
            : `${bare[0]!.split(/\s/)[0]} has no hash; make the lock by: uv pip compile --generate-hashes`,
        `${entries.length} packages, each with its hashes`,
    );
}

function settings({ folder }: Source): Verdict {
    const file = join(folder, SCHEMA_FILE);
    if (!existsSync(file)) {
        return missing("the deployment cannot check trainer.settings before a run");
    }
    try {
        settingsOf(file, SCHEMA_FILE);
        return ok();
    } catch (error) {
        return wrong(messageOf(error));
    }
}

/** Files that tools write again and again would give each build another tag, and train anew. */
export function ignored({ files, folder }: Pick<Source, "files" | "folder">): Verdict {
    const left = files.find(({ name }) => LEFT.test(name));
    if (left !== undefined) {
        return wrong(
            `${left.name} is in the build context, so the image's tag changes with it; add it to ${folder}/.dockerignore`,
        );
    }
    return existsSync(join(folder, ".dockerignore"))
        ? ok()
        : missing("without it, __pycache__ of a run on this machine changes the image's tag");
}
