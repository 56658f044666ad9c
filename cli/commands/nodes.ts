import { verb } from "../terminal/verb";
import { DRY_RUN, YES, YES_OR_DRY_RUN } from "../terminal/words";

export const nodes = verb({
    name: "nodes",
    summary: "Shows the nodes of a swarm, their free room and what runs there; labels or prepares them",
    changes:
        "nothing without --yes. label with --yes: the labels of that node. prepare with --yes: the images of those nodes",
    more: [
        "list, or no word, shows the nodes. label NODE KEY=VALUE sets a label, and KEY- removes it; a node is named by its",
        "host's name or by the beginning of its ID. Free is what no task has reserved. prepare ENGINE gives nodes the",
        "image by which they reach the registry of a stack with registry.builtIn; an engine is named as by DOCKER_HOST.",
    ].join("\n"),
    examples: [
        "",
        "--stack prod",
        "label worker-2 disk=fast --stack prod --yes",
        "label worker-2 disk- --stack prod --yes",
        "prepare ssh://deploy@worker-2 ssh://deploy@worker-3 --stack prod --yes",
    ],
    words: {
        name: "ACTION",
        says: "list, label NODE KEY=VALUE … KEY- …, or prepare ENGINE …",
        form: "[list | label NODE KEY=VALUE … | prepare ENGINE …]",
    },
    options: {
        stack: {
            value: "STACK",
            says: "the stack whose engine it is; without it the engine that every command finds",
        },
        json: { says: "prints the nodes as JSON" },
        yes: YES,
        "dry-run": DRY_RUN,
    },
    apart: [YES_OR_DRY_RUN],
    run: async (given, words) => (await import("../work/nodes")).nodes(given, words),
});
