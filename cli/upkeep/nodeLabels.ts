/** The words of the command `nodes`, the node that a person names, and the labels that the person may give it. */
import { short } from "../../common/hashes";
import { mistake } from "../../common/mistake";
import { nameOf, type SwarmNode } from "../../engine/nodes";

const UNCHANGED = "Nothing was changed.";
/** The engine takes any text. These signs need no quotes in a shell, and `-` and `=` are this command's own. */
const KEY = /^[A-Za-z0-9][A-Za-z0-9._/-]*[A-Za-z0-9]$|^[A-Za-z0-9]$/;
const VALUE = /^[A-Za-z0-9][A-Za-z0-9._/-]*$/;

/** What a person asks for. `labels` has undefined for a label that goes. */
export type NodesAction =
    | { readonly kind: "list" }
    | { readonly kind: "prepare"; readonly engines: readonly string[] }
    | {
          readonly kind: "label";
          readonly node: string;
          readonly labels: Readonly<Record<string, string | undefined>>;
      };

/**
 * Reads the words of the command.
 *
 * @throws Mistake for any other words
 */
export function nodesAction(words: readonly string[]): NodesAction {
    const [kind = "list", node, ...labels] = words;
    if (kind === "prepare") {
        return { kind, engines: enginesOf(words.slice(1)) };
    }
    if (kind === "list") {
        if (node !== undefined) {
            throw mistake(`got ${node} after list; list takes no more words. ${UNCHANGED}`);
        }
        return { kind };
    }
    if (kind !== "label") {
        throw mistake(
            `got ${kind}, which is no action; give list, label NODE KEY=VALUE, or prepare ENGINE. ${UNCHANGED}`,
        );
    }
    if (node === undefined || labels.length === 0) {
        throw mistake(
            `${node === undefined ? "the node" : "the label"} is missing; give label NODE KEY=VALUE, or ` +
                `label NODE KEY- to remove it. ${UNCHANGED}`,
        );
    }
    const asked = new Map<string, string | undefined>();
    for (const [key, value] of labels.map(labelOf)) {
        if (asked.has(key)) {
            throw mistake(`${key}: given twice. ${UNCHANGED}`);
        }
        asked.set(key, value);
    }
    return { kind, node, labels: Object.fromEntries(asked) };
}

function enginesOf(words: readonly string[]): readonly string[] {
    if (words.length === 0) {
        throw mistake(`the engine is missing; give prepare ssh://USER@NODE for each node. ${UNCHANGED}`);
    }
    for (const word of words) {
        if (!/^(ssh|tcp|unix):\/\/./.test(word)) {
            throw mistake(
                `got ${word}; give the address of a node's engine, such as ssh://deploy@node2. ${UNCHANGED}`,
            );
        }
    }
    return words;
}

function labelOf(word: string): [key: string, value: string | undefined] {
    const at = word.indexOf("=");
    const [key, value] =
        at < 0 ? [word.replace(/-$/, ""), undefined] : [word.slice(0, at), word.slice(at + 1)];
    if ((at < 0 && !word.endsWith("-")) || !KEY.test(key) || (value !== undefined && !VALUE.test(value))) {
        throw mistake(
            `got ${word}; a label is KEY=VALUE, and KEY- removes it. Keys and values have letters, digits and . _ / - ` +
                `between letters and digits. ${UNCHANGED}`,
        );
    }
    return [key, value];
}

/**
 * The node that a person named by its host's name or by the beginning of its id.
 *
 * @throws Mistake when there is none, or more than one
 */
export function findNode(nodes: readonly SwarmNode[], named: string): SwarmNode {
    const found = nodes.filter((node) => nameOf(node) === named || node.ID.startsWith(named));
    const [node] = found;
    if (node === undefined) {
        throw mistake(
            `got ${named}, which is no node; there are ${nodes.map(nameOf).join(", ")}. ${UNCHANGED}`,
        );
    }
    if (found.length > 1) {
        const ids = found.map((it) => `${nameOf(it)} is ${short(it.ID)}`).join(", ");
        throw mistake(`got ${named}, which means ${found.length} nodes: ${ids}. Give an ID. ${UNCHANGED}`);
    }
    return node;
}

/** A node's labels after the change, and the lines that tell of it: "disk: nothing -> fast". */
export function relabelled(
    { Spec: { Labels = {} } }: SwarmNode,
    asked: Readonly<Record<string, string | undefined>>,
): { labels: Record<string, string>; lines: string[] } {
    const labels = { ...Labels };
    const lines = Object.entries(asked).flatMap(([key, value]) => {
        const before = Labels[key];
        if (value === undefined) {
            Reflect.deleteProperty(labels, key);
        } else {
            labels[key] = value;
        }
        return before === value ? [] : [`${key}: ${before ?? "nothing"} -> ${value ?? "nothing"}`];
    });
    return { labels, lines };
}
