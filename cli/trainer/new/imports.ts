/** Sorts the imports of a new trainer: another name has another place among them. */
import { Mistake } from "../../../common/mistake";
import { run } from "../../local/processes";
import { step } from "../../terminal/steps";
import { ensureLinter } from "../../testing/linters";

const SORT = ["check", "--no-cache", "--quiet", "--select", "I", "--fix-only", "."];

/** @returns what a person has to do if this machine has no ruff; nothing if the imports are sorted */
export async function sortImports(folder: string): Promise<string[]> {
    try {
        const ruff = await ensureLinter("ruff");
        const { code, tail } = await step("Imports", () => run(ruff, SORT, { cwd: folder }));
        return code === 0 ? [] : ["ruff did not sort the imports:", tail];
    } catch (error) {
        if (!(error instanceof Mistake)) {
            throw error;
        }
        return ["There is no ruff on this machine, so imports may be unsorted. Later: ruff check --fix ."];
    }
}
