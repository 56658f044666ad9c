/**
 * Loads a part of Pulumi's library only when somebody calls it. This part serializes
 * functions for a cloud. It needs a compiler and npm's resolver, which take more than half
 * of the library's loading time. No program or script here has such a function.
 */
const Module = require("node:module");
const { join } = require("node:path");

const BY = join("@pulumi", "pulumi", "runtime", "index.js");
const LATE = ["./closure/serializeClosure", "./closure/codePaths"];

const load = Module._load;
Module._load = function (request, parent, isMain) {
    if (!LATE.includes(request) || !parent?.filename?.endsWith(BY)) {
        return load.call(this, request, parent, isMain);
    }
    // Pulumi's library takes only functions from these modules.
    const late = (_, name) => {
        return (...args) => load.call(this, request, parent, isMain)[name](...args);
    };
    return new Proxy({}, { get: late });
};
