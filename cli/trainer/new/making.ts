/** A new trainer: a copy of one of this project's, whose package has another name. */
import {
    chmodSync,
    existsSync,
    mkdirSync,
    readdirSync,
    readFileSync,
    statSync,
    writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { mistake } from "../../../common/mistake";
import { FIRST_TRAINER, TRAINER_FOLDER } from "../../../config/trainer";
import { contextFiles } from "../../../releases/contextHash";
import { CHECKOUT, OWN_TRAINERS } from "../../local/paths";
import { problemOfName } from "./names";
import { renamed, type Renaming } from "./renaming";

const EXAMPLES = "examples";
const UNCHANGED = "Nothing was changed.";

/** A trainer that can be copied. */
export interface Origin {
    /** The word for it: its package. */
    readonly name: string;
    /** Relative to the checkout. */
    readonly path: string;
}

/** A file to write: its place, and its content. */
export interface NewFile {
    readonly target: string;
    readonly content: string | Buffer;
    readonly mode: number;
}

export interface NewTrainer {
    readonly source: Origin;
    readonly folder: string;
    readonly package: string;
    readonly files: readonly NewFile[];
}

export interface Wanted {
    readonly name: string;
    readonly from: string | undefined;
    readonly path: string | undefined;
}

/** The trainers of a checkout that can be copied: the examples, and the first one. */
export function origins(checkout = CHECKOUT): Origin[] {
    const examples = readdirSync(join(checkout, EXAMPLES), { withFileTypes: true })
        .filter(
            (entry) => entry.isDirectory() && existsSync(join(checkout, EXAMPLES, entry.name, "Dockerfile")),
        )
        .map(({ name }) => ({ name, path: `${EXAMPLES}/${name}` }));
    return [...examples, { name: FIRST_TRAINER.package, path: FIRST_TRAINER.path }];
}

/**
 * The files of a new trainer.
 *
 * @throws a mistake for a name that no package can have, an unknown trainer to copy, or a folder that is in use
 */
export function planNew({ name, from, path }: Wanted, checkout = CHECKOUT): NewTrainer {
    const all = origins(checkout);
    const words = all.map((origin) => origin.name).join(" or ");
    const source = all.find((origin) => origin.name === from);
    if (source === undefined) {
        throw mistake(`--from: got ${from ?? "nothing"}; give ${words}. ${UNCHANGED}`);
    }
    const problem = problemOfName(name, join(checkout, source.path));
    if (problem !== undefined) {
        throw mistake(`trainer new ${name}: ${problem}. ${UNCHANGED}`);
    }
    const folder = path ?? join(checkout, OWN_TRAINERS, name);
    refuseFolder(folder, checkout);
    return { source, folder, package: name, files: newFiles(source, folder, name, checkout) };
}

function refuseFolder(folder: string, checkout: string): void {
    const within = relative(checkout, folder);
    if (within.startsWith("..") || !TRAINER_FOLDER.test(within)) {
        throw mistake(
            `--path: got ${folder}; needs a folder of this checkout with lowercase letters, digits, '.', '_' and '-', ` +
                `because the image is named after it, such as ${OWN_TRAINERS}/churn. ${UNCHANGED}`,
        );
    }
    if (existsSync(folder) && (!statSync(folder).isDirectory() || readdirSync(folder).length > 0)) {
        throw mistake(`${within}: it is there already; give another NAME, or --path. ${UNCHANGED}`);
    }
}

/** Everything that a build sees, and the files that its .dockerignore leaves out and a person needs. */
function newFiles(source: Origin, folder: string, name: string, checkout: string): NewFile[] {
    const from = join(checkout, source.path);
    const renaming: Renaming = { old: source.name, new: name, from, to: folder, checkout };
    const listed = readdirSync(from).filter((file) => /\.in$|^\.dockerignore$/.test(file));
    return [...new Set([...contextFiles(from), ...listed])].sort().map((file) => {
        const path = join(from, file);
        const content = readFileSync(path);
        const isText = !content.includes(0);
        return {
            target: renamedPath(file, source.name, name),
            content: isText ? renamed(content.toString("utf8"), file, renaming) : content,
            mode: statSync(path).mode,
        };
    });
}

function renamedPath(file: string, old: string, name: string): string {
    return file
        .split("/")
        .map((part) => (part === old ? name : part))
        .join("/");
}

export function makeNew({ folder, files }: NewTrainer): void {
    for (const { target, content, mode } of files) {
        const path = join(folder, target);
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, content);
        chmodSync(path, mode);
    }
}

/** What a person does next. */
export function nextSteps({ folder, package: name }: NewTrainer, checkout = CHECKOUT): string[] {
    const path = relative(checkout, folder);
    return [
        "Check that it runs, and again after each change of yours:",
        `  npm run mlops -- trainer check ${path}`,
        "Let a stack of its own run it (docs/bring-your-own-trainer.md):",
        `  pulumi stack init ${name}`,
        `  pulumi config set environment dev --stack ${name}`,
        `  pulumi config set --path trainer.path ${path} --stack ${name}`,
        `  pulumi config set --path trainer.package ${name} --stack ${name}`,
        `  pulumi config set --path model.name ${modelName(name)} --stack ${name}`,
        `  pulumi config set --path mlflow.experiment ${name} --stack ${name}`,
        "Give it your data instead of the demo's:",
        `  pulumi config set --path data.source folder --stack ${name}`,
        `  pulumi config set --path data.path FOLDER --stack ${name}`,
        "Say whose it is, and let its lock be updated; npm test asks for both:",
        `  /${path}/ in .github/CODEOWNERS, and /${path} in the folders of pip in .github/dependabot.yml`,
    ];
}

/** "churn_rate" is "ChurnRate". */
function modelName(name: string): string {
    return name
        .split("_")
        .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
        .join("");
}
