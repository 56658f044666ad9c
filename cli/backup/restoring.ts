/** Puts a backup in the place of what a stack's registry holds. */
import { createReadStream } from "node:fs";
import { Mistake, mistake } from "../../common/mistake";
import { ARTIFACTS_FOLDER, ARTIFACTS_SCHEME, insideNetwork } from "../../components/registry/modelRegistry";
import { RegisteredModel } from "../../components/registry/mlflow";
import { versionTag } from "../../contract/names";
import { asked } from "../stack/asking";
import { step } from "../terminal/steps";
import { ArtifactExchange } from "./artifacts";
import { refuseWhileTraining } from "../stack/busy";
import { databaseOf, versionsOf } from "./backingUp";
import { checkCompatible } from "./compatibility";
import { withHelper } from "./helper";
import { fileOf, type Manifest } from "./manifest";
import { missingFrom, type RegistryDatabase } from "./registryDatabase";
import { isHealthy, scaleServer, startServer, stopServer } from "./server";
import type { Target } from "../stack/target";

/** What would be lost, as far as a person reads it. */
const SHOWN = 10;

export interface RestoreArgs {
    readonly target: Target;
    /** A folder whose files have been checked against its manifest. */
    readonly folder: string;
    readonly backup: Manifest;
    /** Whether what the registry holds beyond the backup may go. */
    readonly overwrite: boolean;
    readonly signal: AbortSignal;
    /** Refuses while an update of the stack is under way. */
    readonly refuseWhileUpdated: () => Promise<void>;
    /** Has the stack remember what served then, while no update can begin. */
    readonly remember: () => Promise<void>;
}

/**
 * Restores a stack's registry. Until the restored one answers, what was there is kept, and
 * comes back when anything fails, or at the next restore when this program is killed.
 *
 * MLflow is down for the exchange only. What serves serves on: it has its model in memory.
 */
export async function restore(args: RestoreArgs): Promise<void> {
    const { target } = args;
    await args.refuseWhileUpdated();
    await refuseWhileTraining(target);
    await withHelper(target, async (helper) => {
        // From here on an update is refused; one that began before is seen by its lock.
        await args.refuseWhileUpdated();
        await refuseWhileTraining(target);
        const database = databaseOf(target, helper);
        const artifacts = new ArtifactExchange(target, helper);
        await settle(target, database, artifacts);
        // An interrupted restore may have left it down.
        await scaleServer(target, 1);
        checkCompatible(args.backup, target, await versionsOf(target, helper, database));
        // What is broken is restored too, and cannot be waited for.
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
 * Ends what a killed restore left: forwards when the restored registry has answered, which
 * is noted, or can be told from what has come to it since; otherwise back.
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

/** Makes the restored registry beside the one in use. */
async function stage(
    { target, folder, overwrite, signal }: RestoreArgs,
    database: RegistryDatabase,
    artifacts: ArtifactExchange,
): Promise<void> {
    await step("Database", () => database.stage(createReadStream(fileOf(folder, "database.dump")), signal));
    const lost = await beyond(database);
    if (lost.length > 0) {
        const shown = lost.slice(0, SHOWN).map((it) => `  ${it}`);
        const more = lost.length > SHOWN ? [`  and ${lost.length - SHOWN} more`] : [];
        const what = [`The registry of ${target.stack} holds what the backup does not:`, ...shown, ...more];
        if (!overwrite) {
            const remedy = "Back it up first, or lose it: --overwrite. Nothing was changed.";
            throw mistake([...what, remedy].join("\n"));
        }
        console.log([...what, "It goes, by --overwrite."].join("\n"));
    }
    await step("Artifacts", () => artifacts.merge(createReadStream(fileOf(folder, "artifacts.tar")), signal));
    signal.throwIfAborted();
}

/** What the registry holds beyond the backup. */
async function beyond(database: RegistryDatabase): Promise<string[]> {
    const [staged, used] = [await database.staged(), await contentsOf(database)];
    return Array.isArray(used) ? missingFrom(staged, used) : [`a database that cannot be read (${used.why})`];
}

/** What the database in use holds, or why it cannot be read. */
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

/** Has MLflow begin again with the restored registry, and asks it for what served. */
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

/** That MLflow knows the version that served, by its hash, and has its files. */
async function checkAnswers(target: Target, backup: Manifest, artifacts: ArtifactExchange): Promise<void> {
    const [record] = backup.releases;
    const problem = await asked(async () => {
        const inside = await insideNetwork(target);
        if (inside === undefined) {
            return "MLflow ended after it had begun";
        }
        const model = new RegisteredModel(inside, target.model);
        if (record === undefined) {
            // Nothing served yet: any answer will do.
            await model.tags();
            return undefined;
        }
        const named = `version ${record.version} of ${target.model}, which served`;
        const version = await model.version(record.version);
        if (version?.tags.get(versionTag("model_sha256")) !== record.sha256) {
            return `the backup's database lacks ${named}`;
        }
        const files = await model.filesOf(record.version);
        // Which files a model has is its trainer's affair.
        const folder = `${ARTIFACTS_FOLDER}${new URL(files).pathname}`;
        return files.startsWith(ARTIFACTS_SCHEME) && !(await artifacts.hasFiles(folder))
            ? `the backup lacks the files of ${named}`
            : undefined;
    });
    if (problem !== undefined) {
        throw mistake(`Stack ${target.stack}: ${problem}. What was there comes back.`);
    }
}
