/** The checks of `npm run verify`. */
import type Docker from "dockerode";
import { z } from "zod";
import { short } from "../../common/hashes";
import { ownLabels, stackPrefix } from "../../components/stack/deployment";
import { SERVING_PORTS, SERVING_ROLE } from "../../components/serving/modelServing";
import { CONFINED_BY_ENGINE } from "../../components/service/confinement";
import { LARGE_TEMPORARY, type Mount, renderMount } from "../../components/service/mounts";
import { renderAmounts } from "../../components/service/serviceSpec";
import { imageTag } from "../../components/image/sourceImage";
import { surveyFingerprint, surveyMount, surveyReader } from "../../components/data/surveyData";
import { trainerCommand, trainerSource } from "../../components/image/trainer";
import { recipeOf, trainingVariables, type Ingredients } from "../../components/training/trainingPlan";
import {
    CHAMPION,
    type Given,
    type ServedField,
    type TrainingVariable,
    versionTag,
} from "../../contract/names";
import { isLocalEngine } from "../../engine/address";
import { runOnce } from "../../engine/tasks/oneShot";
import { progressText } from "../../engine/tasks/training";
import { parseJson } from "../../common/json";
import type { ReleaseRecord } from "../../releases/records";
import { resolveRelease } from "../../releases/release";
import { CHECKOUT } from "../local/paths";
import { messageOf, type Report } from "../terminal/steps";
import { engineOf, insideOf, modelOf } from "../stack/engine";
import type { OpenStack } from "../stack/stack";

/** The result of a check. `problem` is set if the check failed; otherwise `says` has the found value. */
export interface Finding {
    readonly what: string;
    readonly says: string;
    readonly problem?: string;
}

export interface Check {
    readonly title: string;
    readonly check: (report: Report) => Promise<Finding[]>;
}

/** The checks of the serving release, cheapest first. */
export function checks(stack: OpenStack, record: ReleaseRecord, retrain: boolean): Check[] {
    return [
        { title: "Replicas", check: () => replicas(stack, record) },
        { title: "Registry", check: () => registry(stack, record) },
        { title: "Source", check: () => source(stack, record) },
        ...(retrain
            ? [{ title: "Training again", check: (report: Report) => again(stack, record, report) }]
            : []),
    ];
}

function finding(what: string, expected: string, got: string): Finding {
    return expected === got ? { what, says: got } : failure(what, `got ${got}; the stack says ${expected}`);
}

function failure(what: string, problem: string): Finding {
    return { what, says: "", problem };
}

/** Asks every replica, without the gateway, for its version. */
async function replicas(stack: OpenStack, record: ReleaseRecord): Promise<Finding[]> {
    const inside = await insideOf(stack);
    const answers: string[] = [];
    for (const address of await inside.addresses(SERVING_ROLE)) {
        for (const port of SERVING_PORTS) {
            const said = await inside.tryRequest({ url: `http://${address}:${port}/version` });
            if (said !== undefined) {
                answers.push(identity(said.body));
            }
        }
    }
    const wanted = `version ${record.version} (${short(record.sha256)}) of ${short(record.commit)}`;
    return [
        finding("replicas that answer", String(stack.config.serving.replicas), String(answers.length)),
        ...answers.map((answer, index) => finding(`replica ${index + 1} serves`, wanted, answer)),
    ];
}

function identity(body: string): string {
    const fields = { model_version: z.string(), model_sha256: z.string(), commit: z.string() };
    const schema = z.object(fields satisfies Given<ServedField, z.ZodType>);
    const said = schema.safeParse(parseJson(body));
    return said.success
        ? `version ${said.data.model_version} (${short(said.data.model_sha256)}) of ${short(said.data.commit)}`
        : body.slice(0, 80);
}

/** Compares the registry's alias, stage and lineage tags with the stack. */
async function registry(stack: OpenStack, record: ReleaseRecord): Promise<Finding[]> {
    const model = await modelOf(stack);
    const [champion, version] = [await model.aliased(CHAMPION), await model.version(record.version)];
    const alias = finding(
        `alias ${CHAMPION}`,
        `version ${record.version}`,
        `version ${champion?.version ?? "none"}`,
    );
    if (version === undefined) {
        return [alias, failure("version", `version ${record.version} is not in the registry`)];
    }
    const tag = (key: Parameters<typeof versionTag>[0], expected: string) =>
        finding(`tag ${key}`, expected, version.tags.get(key) ?? "none");
    return [
        alias,
        finding("stage", stack.config.model.stage, version.current_stage),
        tag("model_sha256", record.sha256),
        tag("data_sha256", record.dataSha256),
        tag("environment", stack.config.environment),
    ];
}

/** Compares the images of the release and of its version with git: each commit's trainer must make its image. */
async function source(stack: OpenStack, record: ReleaseRecord): Promise<Finding[]> {
    if (record.dirty) {
        const problem = "the release held changes that no commit has: nothing to compare with";
        return [failure("source of the release", problem)];
    }
    const model = await modelOf(stack);
    const tags = (await model.version(record.version))?.tags;
    const release = finding("source of the release", record.image, await imageOf(stack, record.commit));
    // This version was registered from uncommitted changes, and this release has made the same model again.
    if (tags?.get(versionTag("git_dirty")) === "true") {
        return [release];
    }
    const image = await imageOf(stack, tags?.get(versionTag("git_commit")));
    return [release, finding("source of the version", tags?.get(versionTag("image")) ?? "none", image)];
}

/** The image that a commit's trainer makes, or the reason why there is none. */
async function imageOf({ config }: OpenStack, commit: string | undefined): Promise<string> {
    if (commit === undefined) {
        return "no commit";
    }
    try {
        const release = await resolveRelease(CHECKOUT, config.trainer.path, commit);
        return imageTag(trainerSource(release, config.trainer, CHECKOUT));
    } catch (error) {
        return messageOf(error);
    }
}

/** Trains the release again, without any network, and compares the hashes. */
async function again(stack: OpenStack, record: ReleaseRecord, report: Report): Promise<Finding[]> {
    const { config } = stack;
    const local = isLocalEngine(stack.host);
    const { commit, ref, dirty, image } = record;
    const ingredients: Ingredients = {
        config,
        release: { commit, ref, dirty, trainer: "" },
        image,
        fingerprint: surveyFingerprint(config.data, local),
    };
    const what = "trained again";
    if (recipeOf(ingredients) !== record.recipe) {
        const changed = "the data or the parameters of the configuration changed since";
        return [failure(what, `${changed}; run: pulumi up --stack ${stack.name}`)];
    }
    const variables = {
        ...trainingVariables(ingredients),
        REGISTER: "false",
        RUN_TOKEN: "verify",
    } satisfies Given<TrainingVariable>;
    const { nanoCpus, memoryBytes } = renderAmounts(config.training.limits);
    const { exitCode, stdout, tail } = await runOnce(
        await engineOf(stack),
        {
            Image: image,
            User: surveyReader(config.data, local),
            Cmd: trainerCommand(config.trainer, "train"),
            Env: Object.entries(variables).map(([key, value]) => `${key}=${value}`),
            Labels: ownLabels(stack.owner, "verify"),
            HostConfig: {
                ...CONFINED_BY_ENGINE,
                NetworkMode: "none",
                Mounts: [
                    mount(surveyMount(config.data, { prefix: stackPrefix(stack.owner) })),
                    mount(LARGE_TEMPORARY),
                ],
                NanoCpus: nanoCpus,
                Memory: memoryBytes,
            },
        },
        (line) => report(progressText(line) ?? ""),
    );
    if (exitCode !== 0) {
        return [failure(what, `exit code ${exitCode}: ${tail.at(-1) ?? "it printed nothing"}`)];
    }
    const said = z
        .object({ sha256: z.string() })
        .safeParse(parseJson(stdout.trim().split("\n").at(-1) ?? ""));
    return [finding(what, record.sha256, said.data?.sha256 ?? "no hash")];
}

/** A mount in the engine's own form. */
function mount(of: Mount): Docker.MountSettings {
    const { type, source, target, readOnly = false } = renderMount(of);
    return {
        Type: type as Docker.MountType,
        Source: (source as string | undefined) ?? "",
        Target: target,
        ReadOnly: readOnly,
    };
}
