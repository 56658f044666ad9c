/** The command line, for `npm run mlops -- VERB`, `mlops VERB` and the scripts of package.json. */
import { runProgram } from "./terminal/program";
import { main } from "./terminal/steps";
import { VERBS } from "./verbs";

// cli/run changes from the caller's folder to the checkout, and keeps the caller's folder in this variable. Remove
// it, because this program's children have another caller.
const folder = process.env.MLOPS_CALLED_IN ?? process.cwd();
delete process.env.MLOPS_CALLED_IN;

main((args) => runProgram(VERBS, args, { env: process.env, folder, isTerminal: process.stdin.isTTY }));
