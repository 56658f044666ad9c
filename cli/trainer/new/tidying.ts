/** Sorts the imports of a new trainer, and lays out its lines: another name has another place and another length. */
import { Mistake } from "../../../common/mistake";
import { run } from "../../local/processes";
import { step } from "../../terminal/steps";
import { ensureLinter } from "../../testing/linters";

/** The commands of ruff, in order. */
const RUFF = [
    ["check", "--no-cache", "--quiet", "--select", "I", "--fix-only", "."],
    ["format", "--no-cache", "--quiet", "."],
];

/** @returns what a person has to do if this machine has no ruff; nothing if the folder is tidy */
export async function tidy(folder: string): Promise<string[]> {
    try {
        const ruff = await ensureLinter("ruff");
        for (const args of RUFF) {
            const { code, tail } = await step(`ruff ${args[0]}`, () => run(ruff, args, { cwd: folder }));
            if (code !== 0) {
                return ["ruff refuses the folder, so its imports may be unsorted:", tail];
            }
        }
        return [];
    } catch (error) {
        if (!(error instanceof Mistake)) {
            throw error;
        }
        return ["There is no ruff on this machine, so imports may be unsorted. Later: ruff check --fix . && ruff format ."];
    }
}
