/** Checks whether a stack can take a backup. */
import { mistake } from "../../common/mistake";
import type { Manifest } from "./manifest";
import type { Target } from "../stack/target";

/**
 * @param versions of what runs; what is left out is not compared
 * @throws Mistake that names all that stands against it
 */
export function checkCompatible(
    backup: Manifest,
    { project, environment, backend, model }: Pick<Target, "project" | "environment" | "backend" | "model">,
    versions: Partial<Manifest["versions"]> = {},
): void {
    const problems = [
        backup.project === undefined ? undefined : differs("project", backup.project, project),
        differs("environment", backup.environment, environment),
        differs("mlflow.backend", backup.backend, backend),
        differs("model.name", backup.model, model),
        ...newer("MLflow", backup.versions.mlflow, versions.mlflow),
        // A server can read dumps of older major versions, and of its own.
        ...newer("PostgreSQL", major(backup.versions.postgres), major(versions.postgres)),
    ].filter((it) => it !== undefined);
    if (problems.length > 0) {
        throw mistake([...problems, "Nothing was changed."].join("\n"));
    }
}

function differs(what: string, backup: string, stack: string): string | undefined {
    return backup === stack
        ? undefined
        : `${what}: the backup is of ${backup}, the stack of ${stack}; restore it to a stack of ${backup}`;
}

function newer(what: string, backup: string | undefined, stack: string | undefined): string[] {
    return backup !== undefined && stack !== undefined && compareVersions(backup, stack) > 0
        ? [
              `${what}: the backup is of ${backup}, the stack runs ${stack}; bring the stack up with a newer one`,
          ]
        : [];
}

function major(version: string | undefined): string | undefined {
    return version?.split(".")[0];
}

/** Less than, equal to or greater than zero if the first version is before, equal to or after the second. */
export function compareVersions(first: string, second: string): number {
    const [a, b] = [first, second].map((version) =>
        version.split(".").map((part) => Number.parseInt(part, 10)),
    );
    for (let at = 0; at < Math.max(a!.length, b!.length); at += 1) {
        const difference = (a![at] ?? 0) - (b![at] ?? 0);
        if (difference !== 0) {
            return difference;
        }
    }
    return 0;
}
