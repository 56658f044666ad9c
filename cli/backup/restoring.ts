/** Puts a backup in the place of a stack's registry. */
import { Mistake, mistake } from "../../common/mistake";
import { ARTIFACTS_FOLDER, ARTIFACTS_SCHEME } from "../../components/registry/modelRegistry";
import { insideRegistry } from "../../components/registry/senders";
import { RegisteredModel } from "../../components/registry/mlflow";
import { versionTag } from "../../contract/names";
import { asked } from "../stack/asking";
import { step } from "../terminal/steps";
import { ArtifactExchange } from "./artifacts";
import { refuseWhileTraining } from "../stack/busy";
import { databaseOf, versionsOf } from "./backingUp";
import { checkCompatible } from "./compatibility";
import type { BackupReader } from "./encryption";
import { withHelper } from "./helper";
import type { Manifest } from "./manifest";
import { missingFrom, type RegistryDatabase } from "./registryDatabase";
import { isHealthy, scaleServer, startServer, stopServer } from "./server";
import type { Target } from "../stack/target";

/** The number of things that a message about a loss names. */
const SHOWN = 10;

export interface RestoreArgs {
    readonly target: Target;
    /** Reads the backup's files. They have been checked against its manifest. */
    readonly files: BackupReader;
    readonly backup: Manifest;
    /** Whether things may be lost that only the present registry holds. */
    readonly overwrite: boolean;
    readonly signal: AbortSignal;
    /** Refuses while an update of the stack is under way. */
    readonly refuseWhileUpdated: () => Promise<void>;
    /** Makes the stack remember the releases of the backup, while no update can begin. */
    readonly remember: () => Promise<void>;
}

/**
 * Restores a stack's registry. The present registry is kept until the restored one answers. It comes back when a step
 * fails, or at the next restore if this program is killed.
 *
 * MLflow is down only during the exchange. Predictions go on, because serving has its model in memory.
 */
export async function restore(args: RestoreArgs): Promise<void> {
    const { target } = args;
    await args.refuseWhileUpdated();
    await refuseWhileTraining(target);
    await withHelper(target, async (helper) => {
        // From here on, updates are refused. An update that began before is seen by its lock.
        await args.refuseWhileUpdated();
        await refuseWhileTraining(target);
        const database = databaseOf(target, helper);
        const artifacts = new ArtifactExchange(target, helper);
        await settle(target, database, artifacts);
        // An interrupted restore may have left MLflow down.
        await scaleServer(target, 1);
        checkCompatible(args.backup, target, await versionsOf(target, helper, database));
        // A broken MLflow is restored too, but cannot become healthy before.
        const worked = await isHealthy(target);
        try {
            await stage(args, database, artifacts);
            await exchange(args, database, artifacts);
        } catch (error) {
            await step("Taking back", async () => {
                await takeBack(target, database, artifacts);
                await (worked ? startServer(target) : scaleServer(target, 1));
            });
            throw error;
        }
        await step("Tidying", () => finish(target, database, artifacts));
        await step("What the stack remembers", args.remember);
    });
}

/**
 * Ends an exchange that a killed restore left. If the restored registry has answered, the exchange is completed;
 * otherwise it is undone. The restored registry has answered if that is noted, or if something new is in it.
 */
async function settle(
    target: Target,
    database: RegistryDatabase,
    artifacts: ArtifactExchange,
): Promise<void> {
    if ((await database.isSwapped()) && (await artifacts.state()) === "begun") {
        const used = await contentsOf(database);
        if (Array.isArray(used) && missingFrom(await artifacts.notedContents(), used).length > 0) {
            await artifacts.confirm();
        }
    }
    await ((await artifacts.state()) === "confirmed" ? finish : takeBack)(target, database, artifacts);
}

async function finish(
    _target: Target,
    database: RegistryDatabase,
    artifacts: ArtifactExchange,
): Promise<void> {
    await database.tidy();
    await artifacts.finish();
}

async function takeBack(
    target: Target,
    database: RegistryDatabase,
    artifacts: ArtifactExchange,
): Promise<void> {
    if (await database.isSwapped()) {
        await stopServer(target);
        await database.swapBack();
    }
    await database.tidy();
    await artifacts.takeBack();
}

/** Makes the restored registry beside the present one. */
async function stage(
    { target, files, overwrite, signal }: RestoreArgs,
    database: RegistryDatabase,
    artifacts: ArtifactExchange,
): Promise<void> {
    await step("Database", () => database.stage(files.open("database.dump"), signal));
    const lost = await beyond(database);
    if (lost.length > 0) {
        const shown = lost.slice(0, SHOWN).map((it) => `  ${it}`);
        const more = lost.length > SHOWN ? [`  and ${lost.length - SHOWN} more`] : [];
        const what = [`The registry of ${target.stack} holds what the backup does not:`, ...shown, ...more];
        if (!overwrite) {
            const remedy = "Back it up first, or accept the loss: --overwrite. Nothing was changed.";
            throw mistake([...what, remedy].join("\n"));
        }
        console.log([...what, "It is lost, because of --overwrite."].join("\n"));
    }
    await step("Artifacts", () => artifacts.merge(files.open("artifacts.tar"), signal));
    signal.throwIfAborted();
}

/** The things that only the present registry holds. */
async function beyond(database: RegistryDatabase): Promise<string[]> {
    const [staged, used] = [await database.staged(), await contentsOf(database)];
    return Array.isArray(used) ? missingFrom(staged, used) : [`a database that cannot be read (${used.why})`];
}

/** The things in the database in use, or the reason why it cannot be read. */
async function contentsOf(database: RegistryDatabase): Promise<string[] | { why: string }> {
    try {
        return await database.used();
    } catch (error) {
        if (error instanceof Mistake) {
            return { why: error.message.split("\n").at(-1)! };
        }
        throw error;
    }
}

/** Restarts MLflow with the restored registry, and asks it for the version that served. */
async function exchange(
    { target, backup, signal }: RestoreArgs,
    database: RegistryDatabase,
    artifacts: ArtifactExchange,
): Promise<void> {
    await step("MLflow, with the backup", async (report) => {
        await stopServer(target);
        report("exchanging");
        await artifacts.noteOthers();
        await artifacts.noteContents(await database.staged());
        await database.swap();
        signal.throwIfAborted();
        await startServer(target);
        report("asking for what served");
        await checkAnswers(target, backup, artifacts);
        signal.throwIfAborted();
        await artifacts.confirm();
    });
}

/** Checks that MLflow knows the version that served, by its hash, and has its files. */
async function checkAnswers(target: Target, backup: Manifest, artifacts: ArtifactExchange): Promise<void> {
    const [record] = backup.releases;
    const problem = await asked(async () => {
        const inside = await insideRegistry(target);
        if (inside === undefined) {
            return "MLflow ended after it had begun";
        }
        const model = new RegisteredModel(inside, target.model);
        if (record === undefined) {
            // The backup has no release, so any answer is enough.
            await model.tags();
            return undefined;
        }
        const named = `version ${record.version} of ${target.model}, which served`;
        const version = await model.version(record.version);
        if (version?.tags.get(versionTag("model_sha256")) !== record.sha256) {
            return `the backup's database lacks ${named}`;
        }
        const files = await model.filesOf(record.version);
        // Only the trainer knows which files its model has, so check that there is any file.
        const folder = `${ARTIFACTS_FOLDER}${new URL(files).pathname}`;
        return files.startsWith(ARTIFACTS_SCHEME) && !(await artifacts.hasFiles(folder))
            ? `the backup lacks the files of ${named}`
            : undefined;
    });
    if (problem !== undefined) {
        throw mistake(`Stack ${target.stack}: ${problem}. The registry from before comes back.`);
    }
}
