/** Prints the shell exports that plain `pulumi` needs after setup. */
import { delimiter } from "node:path";
import { mistake } from "../../common/mistake";
import { existingEnvironment } from "../setup/prepare";
import { shellQuote } from "../terminal/shell";

export async function env(): Promise<number> {
    const environment = await existingEnvironment();
    if (environment === undefined) {
        throw mistake("Setup has not run yet. Run: npm run setup");
    }
    for (const [name, value] of Object.entries(environment.variables)) {
        console.log(`export ${name}=${shellQuote(value)}`);
    }
    // Do not print the whole PATH, because npm has put its own folders into this one.
    if (!(process.env.PATH ?? "").split(delimiter).includes(environment.bin)) {
        console.log(`export PATH=${shellQuote(environment.bin)}:"$PATH"`);
    }
    return 0;
}
