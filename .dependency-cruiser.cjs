/** The order of the tree: a folder imports from those above it in its list, and from no other of its own line. */
const ORDERS = [
    [
        ["common"],
        ["config", "contract"],
        ["releases", "engine/streams"],
        ["engine"],
        ["engine/rollout", "engine/tasks"],
        ["components/stack"],
        ["components/service"],
        ["components/image"],
        ["components/gateway"],
        ["components/data", "components/registry", "components/store"],
        ["components/backup"],
        ["components/training"],
        ["components/serving"],
        ["components/observing"],
        ["components/release"],
        ["policy", "cli"],
        ["index.ts"],
    ],
    [
        ["cli/terminal"],
        ["cli/local"],
        ["cli/setup"],
        ["cli/stack"],
        ["cli/release"],
        ["cli/backup", "cli/ci", "cli/doctor", "cli/scan", "cli/testing"],
        ["cli/upkeep", "cli/trainer"],
        ["cli/work"],
        ["cli/commands"],
    ],
    // What tests and benches share imports from the program alone; no suite and no bench imports from another.
    [["test/support"], ["test/unit", "test/e2e", "test/nodes", "test/bench", "test/documentation", "bench"]],
];

/** A folder's own files; those of its folders too, unless the order names these apart. */
function files(folder) {
    if (folder.endsWith(".ts")) {
        return `^${folder.replace(".", "\\.")}$`;
    }
    // The folders of cli have their own list. In the first list, cli means all of them.
    const apart = ORDERS.flat(2).some((other) => other.startsWith(`${folder}/`) && folder !== "cli");
    return apart ? `^${folder}/[^/]+$` : `^${folder}/`;
}

const downOnly = ORDERS.flatMap((order) =>
    order.flatMap((line, at) =>
        line.map((folder) => ({
            name: `imports-go-down:${folder}`,
            severity: "error",
            from: { path: files(folder) },
            to: {
                path: [...line.filter((other) => other !== folder), ...order.slice(at + 1).flat()].map(files),
            },
        })),
    ),
);

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
    forbidden: [
        ...downOnly.filter(({ to }) => to.path.length > 0),
        { name: "no-circles", severity: "error", from: {}, to: { circular: true } },
        {
            name: "tests-use-production-not-the-reverse",
            severity: "error",
            from: { pathNot: "^(test|bench)/" },
            to: { path: "^(test|bench)/" },
        },
        {
            name: "the-engine-stands-alone",
            severity: "error",
            from: { path: "^engine/" },
            to: { path: ["^node_modules/@pulumi/", "^(config|releases)/"], reachable: true },
        },
        {
            name: "components-take-values",
            comment: "Only index.ts reads the configuration of the running program.",
            severity: "error",
            from: { path: "^(components|releases|cli|policy)/" },
            to: { path: "^config/(load|secrets)\\.ts$", dependencyTypesNot: ["type-only"] },
        },
        {
            name: "policies-judge-what-is-declared",
            comment: "A policy that imports what it judges would change with it.",
            severity: "error",
            from: { path: "^policy/" },
            to: { path: "^(components|config|releases)/" },
        },
        {
            name: "the-contract-stands-alone",
            comment: "Several languages read the contract, so it needs nothing of the platform.",
            severity: "error",
            from: { path: "^contract/" },
            to: { path: "^(?!contract/|node_modules/)" },
        },
        {
            name: "every-import-is-found",
            severity: "error",
            from: {},
            to: { couldNotResolve: true },
        },
    ],
    options: {
        doNotFollow: { path: "node_modules" },
        exclude: { path: "^(trainer|trainers|examples|toolchain|docs)/" },
        tsConfig: { fileName: "tsconfig.json" },
        tsPreCompilationDeps: true,
        enhancedResolveOptions: {
            exportsFields: ["exports"],
            conditionNames: ["import", "require", "node", "types"],
        },
    },
};
