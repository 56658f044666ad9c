/** The tools that the machine needs before setup, and the npm packages. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CHECKOUT } from "../local/paths";
import { readyToolchain } from "../setup/toolchain";
import { ask } from "./ask";
import { failed, note, ok, type Check, type Finding } from "./finding";

/** Here cli/run keeps a copy of the lock file that node_modules was made from. */
const INSTALLED = join("node_modules", ".installed-package-lock.json");

export function toolChecks(limitMs: number): Check[] {
    return [
        { what: "Node.js", look: () => Promise.resolve(nodeFinding(process.versions.node)) },
        { what: "npm", look: () => npm(limitMs) },
        { what: "npm packages", look: () => Promise.resolve(packages(CHECKOUT)) },
        { what: "git", look: () => git(limitMs) },
        { what: "Go", look: () => go(limitMs) },
    ];
}

/** The releases of Node.js that the nightly workflow tests. cli/run refuses older ones. */
export const PROVEN = [20, 22, 24];

/** Whether the tests run with this release of Node.js. */
export function nodeFinding(version: string): Finding {
    return PROVEN.includes(Number(version.split(".")[0]))
        ? ok("Node.js", version)
        : note(
              "Node.js",
              `${version}; the tests run with ${PROVEN.join(", ")}`,
              "Take one of those if something fails.",
          );
}

/** Whether node_modules has the packages of the lock file. */
export function packages(folder: string): Finding {
    const [locked, installed] = ["package-lock.json", INSTALLED].map((file) => read(join(folder, file)));
    return locked !== undefined && locked === installed
        ? ok("npm packages", "as package-lock.json has them")
        : failed("npm packages", "not those of package-lock.json", "npm run setup");
}

async function npm(limitMs: number): Promise<Finding> {
    // When npm runs this, a variable has npm's version. To ask npm itself takes a second.
    const running = /^npm\/(\S+)/.exec(process.env.npm_config_user_agent ?? "")?.[1];
    const { code, stdout } =
        running === undefined ? await ask("npm", ["--version"], limitMs) : { code: 0, stdout: running };
    return code === 0 ? ok("npm", stdout) : failed("npm", "none on PATH", "Install it with Node.js.");
}

async function git(limitMs: number): Promise<Finding> {
    const { code, stdout } = await ask("git", ["--version"], limitMs);
    return code === 0
        ? ok("git", stdout.replace("git version ", ""))
        : failed("git", "none on PATH; releases come from git", "Install it and put it on PATH.");
}

async function go(limitMs: number): Promise<Finding> {
    const { code, stdout } = await ask("go", ["env", "GOVERSION"], limitMs);
    const found = code === 0 ? stdout.replace(/^go/, "") : "none on PATH";
    if (readyToolchain() !== undefined) {
        return ok("Go", `${found}; not needed any more`);
    }
    const when = "needed only where Pulumi is neither on PATH nor to be downloaded";
    return code === 0 ? ok("Go", `${found}; ${when}`) : note("Go", `${found}; ${when}`);
}

function read(file: string): string | undefined {
    try {
        return readFileSync(file, "utf8");
    } catch {
        return undefined;
    }
}
