/** The claims of this checkout's stacks on their engines. */
import { join } from "node:path";
import type { PortClaim } from "../../engine/preflight";
import { NoAnswer } from "../setup/connection";
import { CHECKOUT } from "../local/paths";
import { ask } from "./ask";

export interface StackPlan {
    readonly name: string;
    readonly claims: readonly PortClaim[];
    /** `docker:host` of its configuration. */
    readonly host?: string;
    /** The stack that has to release before this one can be made. */
    readonly promoteFrom?: string;
    /** Why the program refuses its configuration. */
    readonly problem?: string;
}

/** The stacks that this checkout configures, in the order in which a release passes through them. */
export async function readPlans(limitMs: number): Promise<StackPlan[]> {
    const args = ["--require", join(CHECKOUT, "runtime", "loader.cjs"), join(__dirname, "claims.ts")];
    const { code, stdout, last } = await ask(process.execPath, args, limitMs);
    if (code === undefined) {
        throw new NoAnswer(limitMs);
    }
    if (code !== 0) {
        throw new Error(`the configuration of the stacks was not read: ${last}`);
    }
    return JSON.parse(stdout) as StackPlan[];
}
