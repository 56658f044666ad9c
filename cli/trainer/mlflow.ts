/** An MLflow of the check's own: the server of images/mlflow, without its image. */
import { join } from "node:path";
import { mistake, quoted } from "../../common/mistake";
import { MLFLOW, RegisteredModel, askMlflow } from "../../components/registry/mlflow";
import type { Sender } from "../../engine/streams/insideHttp";
import { CHECKOUT } from "../local/paths";
import { answers, freePort, localSender } from "./http";
import type { Programs } from "./programs";

const FOLDER = join(CHECKOUT, "images", "mlflow");
export const MLFLOW_LOCK = join(FOLDER, "requirements.txt");
const START_MS = 90_000;
const POLL_MS = 200;
/** Longer than any check takes. */
const LIFE_MS = 3 * 60 * 60 * 1000;

/** A running MLflow. */
export interface Registry {
    readonly address: string;
    readonly http: Sender;
}

/**
 * Starts MLflow on a free port of this machine, with its database and artifacts in a folder.
 *
 * @param venv an environment with the packages of MLFLOW_LOCK
 * @throws a mistake with the server's last lines when it does not answer in time
 */
export async function startMlflow(programs: Programs, venv: string, folder: string): Promise<Registry> {
    const port = await freePort();
    const address = `http://127.0.0.1:${port}`;
    const server = programs.start(
        [
            join(venv, "bin", "python"),
            join(FOLDER, "serve.py"),
            "server",
            `--backend-store-uri=sqlite:///${join(folder, "mlflow.db")}`,
            `--artifacts-destination=${join(folder, "artifacts")}`,
            "--serve-artifacts",
            "--host=127.0.0.1",
            `--port=${port}`,
            "--workers=1",
        ],
        {
            folder,
            variables: {
                ...{
                    PATH: `${join(venv, "bin")}:/usr/bin:/bin`,
                    HOME: folder,
                    TMPDIR: folder,
                    LANG: "C.UTF-8",
                },
                ...{ MLFLOW_DISABLE_TELEMETRY: "true", DO_NOT_TRACK: "true" },
                MLFLOW_SERVER_ENABLE_JOB_EXECUTION: "false",
                MLFLOW_ALLOW_PICKLE_DESERIALIZATION: "false",
            },
            limitMs: LIFE_MS,
        },
    );
    if (!(await answers(server, `${address}/health`, { ms: START_MS, everyMs: POLL_MS }))) {
        server.signal("SIGKILL");
        const { stderr } = await server.ended;
        throw mistake(
            ["MLflow does not start", ...quoted(stderr.trimEnd().split("\n").slice(-10))].join("\n"),
        );
    }
    return { address, http: localSender({ [MLFLOW]: address }) };
}

export function modelIn({ http }: Registry, name: string): RegisteredModel {
    return new RegisteredModel(http, name);
}

interface Tag {
    readonly key: string;
    readonly value: string;
}

/** An experiment's id and tags; undefined if there is none of this name. */
export async function experimentIn(
    { http }: Registry,
    name: string,
): Promise<{ readonly id: string; readonly tags: Readonly<Record<string, string>> } | undefined> {
    const query = `experiments/get-by-name?experiment_name=${encodeURIComponent(name)}`;
    const answer = (await askMlflow(http, "GET", query)) as
        { experiment: { experiment_id: string; tags?: Tag[] } } | undefined;
    return answer && { id: answer.experiment.experiment_id, tags: tagsOf(answer.experiment.tags) };
}

export async function tagExperiment(
    { http }: Registry,
    id: string,
    key: string,
    value: string,
): Promise<void> {
    await askMlflow(http, "POST", "experiments/set-experiment-tag", { experiment_id: id, key, value });
}

function tagsOf(tags: readonly Tag[] = []): Record<string, string> {
    return Object.fromEntries(tags.map(({ key, value }) => [key, value]));
}
