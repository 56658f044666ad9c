import * as pulumi from "@pulumi/pulumi";

import { parseTexts } from "./parse";
import type { StackConfig } from "./schema";
import { stackText } from "./written";

/** Reads the running program's configuration: every key under the project's name. */
export function loadConfig(): StackConfig {
    return parseTexts(pulumi.runtime.allConfig(), pulumi.getProject(), stackText(pulumi.getStack()));
}
