import { resolve } from "node:path";

import type { Release } from "./release";
import { noteUseOf, TREES } from "./trees";

/** Notes on the exported trees of a release that they are in use now, so that nobody removes them as unused. */
export function noteUse(project: string, release: Release): Release {
    [release.trainer, release.kit ?? ""]
        .filter((folder) => folder.startsWith(`${TREES}/`))
        .forEach((folder) => noteUseOf(resolve(project, folder)));
    return release;
}
