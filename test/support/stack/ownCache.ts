import { mkdirSync, readdirSync, realpathSync, symlinkSync, unlinkSync } from "node:fs";
import { join } from "node:path";

import type { TestProject } from "./project";

const CACHE = ".cache";

/** Gives a project its own exported trees and build logs, apart from those of the checkout and of other suites. */
export function withOwnCache({ folder }: TestProject): void {
    const modules = join(folder, "node_modules");
    const shared = realpathSync(modules);
    unlinkSync(modules);
    mkdirSync(modules);
    for (const name of readdirSync(shared).filter((it) => it !== CACHE)) {
        symlinkSync(join(shared, name), join(modules, name));
    }
}
