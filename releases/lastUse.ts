import { utimesSync } from "node:fs";
import { resolve } from "node:path";

import type { Release } from "./release";
import { TREES } from "./trees";

/** Notes at an exported tree that it is used now, so that nobody takes it for one that is not needed any more. */
export function noteUse(project: string, release: Release): Release {
    if (release.trainer.startsWith(`${TREES}/`)) {
        const now = new Date();
        utimesSync(resolve(project, release.trainer), now, now);
    }
    return release;
}
