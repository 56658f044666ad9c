/**
 * Leaves out, until somebody calls it, what Pulumi's library loads to serialize functions for a cloud: a compiler and
 * npm's resolver, more than half of what it takes to load. No program or script here has such a function.
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
    // All that it takes from them are functions.
    const late = (_, name) => {
        return (...args) => load.call(this, request, parent, isMain)[name](...args);
    };
    return new Proxy({}, { get: late });
};
