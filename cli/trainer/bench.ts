/** Where a check runs a trainer: temporary folders, the environment of its image, and its variables. */
import { mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { type TrainerModule, trainerCommand } from "../../components/image/trainer";
import type { Given, TrainingVariable } from "../../contract/names";
import { filesBelow } from "../local/paths";
import type { Ended, Programs, Running } from "./programs";
import { imageVariables, layOut, type Source } from "./source";

/** The parameter sets that a run of a check tries; the check asks whether a run works, not how good its model is. */
const TRIALS = "2";
export const ENVIRONMENT = "check";
export const EXPERIMENT = "trainer-check";
export const MODEL = "TrainerCheck";
export const COMMIT = "0123456789abcdef0123456789abcdef01234567";
/** The discard port, on which nobody listens. */
export const CLOSED = "http://127.0.0.1:9";

/** Variables of a training run. */
export type Training = Given<TrainingVariable>;

export class Bench {
    readonly app: string;
    readonly data: string;
    readonly temporary: string;
    private readonly root: string;

    constructor(
        readonly source: Source,
        readonly programs: Programs,
        private readonly venv: string,
        readonly limitMs: number,
        data: string | undefined,
    ) {
        this.root = mkdtempSync(join(tmpdir(), "trainer-check-"));
        [this.app, this.temporary] = [this.folder("app"), this.folder("tmp")];
        this.data = data ?? this.folder("data");
        layOut(source, this.app);
    }

    /** An empty folder of the check. */
    folder(name: string): string {
        const folder = join(this.root, name);
        mkdirSync(folder);
        return folder;
    }

    remove(): void {
        rmSync(this.root, { recursive: true, force: true });
    }

    /** Starts a module as a container of the image would: with the variables of the image, and these. */
    start(
        module: TrainerModule,
        variables: Readonly<Record<string, string>> = {},
        args: readonly string[] = [],
        limitMs = this.limitMs,
    ): Running {
        const command = [...trainerCommand({ package: this.source.package }, module), ...args];
        return this.programs.start(command, {
            folder: this.app,
            variables: { ...this.ofImage(), ...variables },
            limitMs,
        });
    }

    run(...started: Parameters<Bench["start"]>): Promise<Ended> {
        return this.start(...started).ended;
    }

    /** A training run that registers nothing. */
    trial(more: Training = {}): Promise<Ended> {
        return this.run("train", { ...this.alone(), ...more });
    }

    /** The variables of a run that registers nothing. */
    alone(): Training {
        return { REGISTER: "false", DATA_DIR: this.data, TRIALS, SEED: "7" };
    }

    /** The variables of a run that registers. */
    registering(mlflow: string, token: string) {
        return {
            MLFLOW_TRACKING_URI: mlflow,
            MLFLOW_EXPERIMENT_NAME: EXPERIMENT,
            MODEL_NAME: MODEL,
            DATA_DIR: this.data,
            ENVIRONMENT,
            RUN_TOKEN: token,
            RELEASE_REF: "check",
            GIT_COMMIT: COMMIT,
            IMAGE: "trainer-check:1",
            TRIALS,
            SEED: "7",
        } satisfies Training;
    }

    /** The files of the image and of the data, with size and time: a change shows that a program wrote there. */
    readOnly(): Map<string, string> {
        const facts = [this.app, this.data].flatMap((folder) =>
            filesBelow(folder).map((file): [string, string] => {
                const { size, mtimeMs } = statSync(file);
                return [relative(this.root, file), `${size} ${mtimeMs}`];
            }),
        );
        return new Map(facts);
    }

    private ofImage(): Record<string, string> {
        return {
            LANG: "C.UTF-8",
            ...imageVariables(this.source, this.app),
            // A container has a read-only /app, and there Python writes no bytecode.
            PYTHONDONTWRITEBYTECODE: "1",
            PATH: [join(this.venv, "bin"), "/usr/local/bin", "/usr/bin", "/bin"].join(":"),
            ...{ HOME: this.temporary, TMPDIR: this.temporary, USER: "app" },
        };
    }
}
