/**
 * Pulumi starts the pack here. Pulumi has already registered ts-node, which would check the types of each file
 * at each run. The loader strips the types instead, as it does for the program, and `npm test` checks them.
 */
delete require.extensions[".ts"];
require("../runtime/loader.cjs");
// With plain stacks, a fault of the pack is shown at once instead of after a minute.
require("../common/failures").plainStacks();
require("./pack");
