/**
 * Where Pulumi starts the pack. It has registered ts-node by then, which would
 * check the types of each file at each run; the loader strips them, as it does
 * for the program, and `npm test` checks them.
 */
delete require.extensions[".ts"];
require("../runtime/loader.cjs");
// A fault of the pack is told in a moment, not in a minute.
require("../common/failures").plainStacks();
require("./pack");
