/** Looks for known vulnerabilities in all locked packages: Python, npm and Go. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Mistake } from "../../common/mistake";
import { judged, lineOf, parseAcceptances, unused, type Finding } from "../scan/findings";
import { scans } from "../scan/scanners";
import { CHECKOUT } from "../local/paths";
import { step } from "../terminal/steps";

const ACCEPTED = join("toolchain", "scanners", "accepted.yaml");

export async function scan(): Promise<number> {
    const acceptances = parseAcceptances(ACCEPTED, readFileSync(join(CHECKOUT, ACCEPTED), "utf8"));
    const found: Finding[] = [];
    const unread: string[] = [];
    for (const { name, findings } of await scans()) {
        try {
            found.push(...(await step(name, findings)));
        } catch (error) {
            if (!(error instanceof Mistake)) {
                throw error;
            }
            unread.push(name);
            console.error(error.message);
        }
    }
    const all = judged(found, acceptances, new Date().toISOString().slice(0, "2026-01-31".length));
    console.log(all.map((it) => `\n${lineOf(it)}`).join(""));
    // If a part was not scanned, its accepted findings may still be there, so name no acceptance as needless.
    for (const { id, package: name } of unread.length === 0 ? unused(acceptances, found) : []) {
        console.log(`  ${ACCEPTED}: ${id} of ${name} was not found any more; take it out`);
    }
    unread.forEach((name) => console.log(`  FAILED: ${name}: not looked up, see above`));
    const open = all.filter(({ state }) => state !== "accepted");
    console.log(
        `\n${open.length} to mend, ${all.length - open.length} accepted, ${unread.length} not looked up`,
    );
    return open.length + unread.length > 0 ? 1 : 0;
}
