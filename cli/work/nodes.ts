/** Shows the nodes of a swarm, or labels one. */
import type Docker from "dockerode";
import { connect } from "../../engine/client";
import { listNodes, nameOf, setLabels } from "../../engine/nodes";
import { listTasks } from "../../engine/rollout/tasks";
import { engineOf } from "../stack/engine";
import { openStack } from "../stack/stack";
import { harmless, table } from "../terminal/report";
import { mistake } from "../../common/mistake";
import { askedNodes, doorTag, prepareNodes } from "../upkeep/nodePreparing";
import { findNode, nodesAction, relabelled, type NodesAction } from "../upkeep/nodeLabels";
import { factsOf, nodeRows, placedRows, troubles } from "../upkeep/nodes";

export interface NodesArgs {
    readonly stack: string | undefined;
    readonly json: boolean;
    readonly yes: boolean;
}

export async function nodes(given: NodesArgs, words: readonly string[]): Promise<number> {
    const action = nodesAction(words);
    if (action.kind === "prepare") {
        await prepare(given, action.engines);
        return 0;
    }
    const engine =
        given.stack === undefined ? await connect(undefined) : await engineOf(await openStack(given.stack));
    if (action.kind === "list") {
        await list(engine, given.json);
    } else {
        await label(engine, action, given.yes);
    }
    return 0;
}

async function prepare({ stack: name, yes }: NodesArgs, hosts: readonly string[]): Promise<void> {
    if (name === undefined) {
        throw mistake(
            "--stack: missing; each stack's registry has an address of its own. Nothing was changed.",
        );
    }
    const stack = await openStack(name);
    const tag = doorTag(stack.config);
    const manager = await engineOf(stack);
    const asked = await askedNodes(manager, tag, hosts);
    const lacking = asked.filter(({ isReady }) => !isReady);
    if (yes) {
        await prepareNodes(manager, tag, lacking);
    }
    console.log(
        asked
            .map(
                ({ name: node, isReady }) =>
                    `${node}: ${tag}: ${isReady ? "is there" : yes ? "copied" : "missing"}`,
            )
            .join("\n"),
    );
    if (!yes && lacking.length > 0) {
        console.log("Nothing was changed. To change it: --yes");
    }
}

async function list(engine: Docker, json: boolean): Promise<void> {
    // This question has an answer for each engine that cannot say anything about a swarm.
    const all = await listNodes(engine);
    const [tasks, services] = await Promise.all([listTasks(engine), engine.listServices()]);
    const names = new Map(services.map(({ ID, Spec }) => [ID, Spec?.Name ?? ID]));
    const facts = factsOf(all, tasks, names);
    if (json) {
        console.log(JSON.stringify(facts, undefined, 2));
        return;
    }
    const lines = [...table(nodeRows(facts)), "", "What runs there", ...table(placedRows(facts))];
    const problems = troubles(facts);
    console.log([...lines, ...(problems.length === 0 ? [] : ["", ...problems])].map(harmless).join("\n"));
}

async function label(
    engine: Docker,
    { node: named, labels: asked }: Extract<NodesAction, { kind: "label" }>,
    yes: boolean,
): Promise<void> {
    const node = findNode(await listNodes(engine), named);
    const { labels, lines } = relabelled(node, asked);
    if (lines.length === 0) {
        console.log(`${nameOf(node)} has these labels already.`);
        return;
    }
    if (yes) {
        await setLabels(engine, node, labels);
    }
    console.log(lines.map((line) => `${nameOf(node)}: ${line}`).join("\n"));
    if (!yes) {
        console.log("Nothing was changed. To change it: --yes");
    }
}
