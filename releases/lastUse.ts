import { utimesSync } from "node:fs";
import { resolve } from "node:path";

import type { Release } from "./release";
import { TREES } from "./trees";

/** Notes on an exported tree that it is in use now, so that nobody removes it as unused. */
export function noteUse(project: string, release: Release): Release {
    if (release.trainer.startsWith(`${TREES}/`)) {
        const now = new Date();
        utimesSync(resolve(project, release.trainer), now, now);
    }
    return release;
}
