import { z } from "zod";

import type { StackConfig } from "../config/schema";
import { mistake } from "../common/mistake";
import type { Release } from "./release";

/** The number of releases that a stack remembers. An `up` shows them all. MLflow's tags name earlier ones. */
const REMEMBERED = 10;
/**
 * The format of the records. Raise it when a key becomes required or changes its meaning,
 * and add the step from the format before to MIGRATIONS.
 */
export const RECORD_FORMAT = 2;
/** For each format, the step that turns a record into the next format. Format 1 had no number and knew no rollback. */
const MIGRATIONS: Readonly<Record<number, (record: object) => object>> = { 1: (record) => record };

/** The entries of an object whose value is a number. */
export const numbers = z.record(z.string(), z.unknown()).transform((entries) => {
    const isNumber = (entry: [string, unknown]): entry is [string, number] => typeof entry[1] === "number";
    return Object.fromEntries(Object.entries(entries).filter(isNumber));
});

export const releaseRecord = z.object({
    commit: z.string(),
    ref: z.string(),
    /** Whether the tree had changes that the commit does not have. */
    dirty: z.boolean(),
    image: z.string(),
    /** The image's name by digest in the stack's registry; undefined when the stack had none. */
    imageDigest: z.string().optional(),
    /** The registered version, its hash, and the run that made it. */
    version: z.string(),
    sha256: z.string(),
    /** The hash of the version's files. Old records have none, and trainers may leave it out. */
    filesSha256: z.string().optional(),
    runId: z.string(),
    dataSha256: z.string(),
    trainedAt: z.string(),
    metrics: numbers,
    /** The identity of the model's ingredients: code, data, parameters. */
    recipe: z.string(),
    /** The identity of the serving tasks that passed the smoke test. */
    serving: z.string(),
    /** When the release was validated (ISO 8601), who released it, and why it came to serve. */
    at: z.string(),
    by: z.string(),
    why: z.string(),
    /** When and why the stack went back from this release to an earlier one. */
    rolledBack: z.object({ at: z.string(), why: z.string() }).optional(),
});

/**
 * A release that a stack validated: it was trained there, passed the gate, was rolled out and
 * smoke-tested. The next environment requires such a record, and a rollback returns to one.
 */
export type ReleaseRecord = z.infer<typeof releaseRecord>;

/** Stored records, in the present format or an earlier one. */
export const keptRecords = z.array(
    z
        .looseObject({ format: z.number().int().positive().default(1) })
        .superRefine(({ format }, context) => {
            if (format > RECORD_FORMAT) {
                const message = `of format ${format}; this version of the program knows formats up to ${RECORD_FORMAT}`;
                context.addIssue({ code: "custom", message, path: ["format"] });
            }
        })
        .transform((record) => {
            let migrated: object = record;
            for (let format = record.format; format < RECORD_FORMAT; format += 1) {
                migrated = MIGRATIONS[format]!(migrated);
            }
            return migrated;
        })
        .pipe(releaseRecord),
);

/** Records in the form in which they are stored. */
export function kept(records: readonly ReleaseRecord[]): (ReleaseRecord & { format: number })[] {
    return records.map((record) => ({ format: RECORD_FORMAT, ...record }));
}

/**
 * The records in a stack's output `releases`; none when the stack has no such output.
 *
 * @throws a mistake when another program wrote the output
 */
export function releaseRecords(stack: string, output: unknown): ReleaseRecord[] {
    const parsed = keptRecords.safeParse(output ?? []);
    if (!parsed.success) {
        const [issue] = parsed.error.issues;
        throw mistake(
            `stack ${stack}: its output releases is not what this version of the program writes ` +
                `(${issue?.path.join(".")}: ${issue?.message}); use the version that wrote it`,
        );
    }
    return parsed.data;
}

/**
 * Adds a release that was just validated. It replaces the newest record of the same model and code, else
 * it comes first. If the stack returns to an earlier release, the release that it leaves is marked.
 */
export function withRelease(records: ReleaseRecord[], validated: ReleaseRecord): ReleaseRecord[] {
    const [newest, ...older] = records;
    if (newest !== undefined && isSameRelease(newest, validated)) {
        const { at, by, why } = newest;
        return [{ ...validated, at, by, why }, ...older];
    }
    const goesBack = isRollback(records, validated, validated.image) && !isRolledBack(records, validated);
    const rolledBack = { at: validated.at, why: validated.why };
    const rest = goesBack
        ? records.map((it) => (isOf(it, newest!, newest!.image) ? { ...it, rolledBack } : it))
        : records;
    return [validated, ...rest].slice(0, REMEMBERED);
}

/** Whether a stack went back from a release and has not released it again since. */
export function isRolledBack(
    records: readonly ReleaseRecord[],
    { commit, image }: Pick<ReleaseRecord, "commit" | "image">,
): boolean {
    return records.find((it) => isOf(it, { commit }, image))?.rolledBack !== undefined;
}

/** Whether two records name the same model, served by the same code. */
export function isSameRelease(a: ReleaseRecord, b: ReleaseRecord): boolean {
    return a.commit === b.commit && a.image === b.image && a.version === b.version && a.sha256 === b.sha256;
}

/** Whether a record has this commit and this image. */
function isOf(record: ReleaseRecord, { commit }: Pick<Release, "commit">, image: string): boolean {
    return record.commit === commit && record.image === image;
}

/** Whether a stack goes back to a release that it served before the present one. */
export function isRollback(
    records: readonly ReleaseRecord[],
    release: Pick<Release, "commit">,
    image: string,
): boolean {
    const [newest, ...older] = records;
    const is = (it: ReleaseRecord) => isOf(it, release, image);
    return newest !== undefined && !is(newest) && older.some(is);
}

/** The reason why a release comes to serve, for a release without a given reason. */
export function reasonFor(
    config: StackConfig,
    records: ReleaseRecord[],
    release: Release,
    image: string,
): string {
    const [newest] = records;
    if (newest !== undefined && isOf(newest, release, image)) {
        return "trained anew";
    }
    if (isRollback(records, release, image)) {
        const again = isRolledBack(records, { commit: release.commit, image });
        return `${again ? "return" : "rollback"} to ${release.ref}`;
    }
    if (config.promoteFrom !== undefined) {
        return `promotion from ${config.promoteFrom}`;
    }
    return newest === undefined ? "first release" : `release of ${release.ref}`;
}
