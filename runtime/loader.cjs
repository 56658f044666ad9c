/**
 * Pulumi.yaml requires this file before the program. The file strips types, and it keeps
 * V8's compiled code until the packages are installed again. Scripts do not keep compiled
 * code, because in Node 20 the cache stands in the way of ES modules.
 */
const { enableCompileCache } = require("node:module");
const { join } = require("node:path");

const COMPILED = join(__dirname, "..", "node_modules", ".cache", "seismic-mlops", "compiled");

// Node has a compile cache of its own from 22.1 on.
if (enableCompileCache) {
    enableCompileCache(COMPILED);
} else {
    require("v8-compile-cache-lib").install({ cacheDir: COMPILED });
}

require("./strip.cjs");

// The program ends when its output pipe breaks: Pulumi's engine was killed, so nobody reads the output.
// Pulumi's own handlers would try to report the broken pipe again and again, with a whole core.
for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error) => {
        if (error.code === "EPIPE") {
            process.exit(1);
        }
    });
}
