/**
 * Strips the types from this project's TypeScript when a file is required. A general
 * loader also looks at each file of each package, which takes a second.
 *
 * Lines stay where they are, so no source maps are needed. The stripped code is kept by
 * the hash of its source until the packages are installed again.
 */
const { createHash } = require("node:crypto");
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");

const { addHook } = require("pirates");

// Programs and scripts require this file first, so lazy.cjs comes before Pulumi's library.
require("./lazy.cjs");

const KEPT = join(__dirname, "..", "node_modules", ".cache", "seismic-mlops", "stripped");

addHook(
    (source, file) => {
        const kept = join(KEPT, `${createHash("sha256").update(source).digest("hex")}.js`);
        try {
            return readFileSync(kept, "utf8");
        } catch (error) {
            if (error.code !== "ENOENT") {
                throw error;
            }
        }
        const { transform } = require("sucrase");
        const { code } = transform(source, { transforms: ["imports", "typescript"], filePath: file });
        mkdirSync(KEPT, { recursive: true });
        // Another program may be reading the file.
        writeFileSync(`${kept}.${process.pid}`, code);
        renameSync(`${kept}.${process.pid}`, kept);
        return code;
    },
    { exts: [".ts"] },
);
