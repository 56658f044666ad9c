/** The command line: `npm run mlops -- VERB`, which is `mlops VERB`, and the scripts of package.json. */
import { runProgram } from "./terminal/program";
import { main } from "./terminal/steps";
import { VERBS } from "./verbs";

// cli/run leaves the folder that it was called in for the checkout. What this program starts is called elsewhere.
const folder = process.env.MLOPS_CALLED_IN ?? process.cwd();
delete process.env.MLOPS_CALLED_IN;

main((args) => runProgram(VERBS, args, { env: process.env, folder, isTerminal: process.stdin.isTTY }));
