/**
 * What Pulumi.yaml requires before the program: its types are stripped, and what
 * V8 compiled is kept until the packages are installed anew. Scripts do without
 * the latter, which in Node 20 stands in the way of ES modules.
 */
const { enableCompileCache } = require("node:module");
const { join } = require("node:path");

const COMPILED = join(__dirname, "..", "node_modules", ".cache", "seismic-mlops", "compiled");

// Node has its own from 22.1 on.
if (enableCompileCache) {
    enableCompileCache(COMPILED);
} else {
    require("v8-compile-cache-lib").install({ cacheDir: COMPILED });
}

require("./strip.cjs");

// Nobody reads what a program says whose engine was killed. Pulumi's own handlers would tell of that too, in vain,
// again and again, with all of a core; so it ends.
for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error) => {
        if (error.code === "EPIPE") {
            process.exit(1);
        }
    });
}
