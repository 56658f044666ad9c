/** Reviews as one comment of a pull request. */
import { DIGITS, when } from "../terminal/report";
import type { Preview, ResourceChange } from "./preview";
import type { ReleaseReview, StackReview } from "./review";
import { losses } from "./stateful";

/** The first line of the comment. By it, the next push finds the comment and changes it. */
export const MARKER = "<!-- seismic-mlops: review -->";
const MOST_ROWS = 40;
const MOST_LINES = 30;
const MOST_PROPERTIES = 6;

export function renderReviews(reviews: readonly StackReview[]): string {
    return [MARKER, "## What this would change", ...reviews.map(renderReview)].join("\n\n") + "\n";
}

function renderReview(review: StackReview): string {
    const { stack, missing, preview, release } = review;
    const parts = [`### ${stack}`];
    if (missing !== undefined) {
        parts.push(missing);
    }
    if (release !== undefined) {
        parts.push(...renderRelease(release));
    }
    if (preview !== undefined) {
        parts.push(...renderPreview(preview));
    }
    const judged = renderGate(review);
    return [...parts, ...(judged === undefined ? [] : [judged])].join("\n\n");
}

function renderRelease({ next, now, added, removed }: ReleaseReview): string[] {
    if (now === next) {
        return [`Release: ${code(next)}, as now.`];
    }
    const from = now === undefined ? "nothing serves yet" : `now ${code(now)}`;
    return [
        `Release: ${code(next)}, ${from}.`,
        ...folded(`${counted(added.length, "commit comes", "commits come")} in`, added),
        ...folded(`${counted(removed.length, "commit goes", "commits go")} out`, removed),
    ];
}

function renderPreview({ changes, unchanged, warnings, errors }: Preview): string[] {
    const lost = losses(changes).map((line) => `> - ${line}`);
    return [
        ...(errors.length > 0 ? [`> [!CAUTION]\n> The preview failed.`, fenced(errors)] : []),
        ...(lost.length > 0 ? [["> [!WARNING]", ...lost].join("\n")] : []),
        ...(errors.length > 0 && changes.length === 0 ? [] : [renderChanges(changes, unchanged)]),
        ...(warnings.length > 0 ? folded(counted(warnings.length, "warning", "warnings"), warnings) : []),
    ];
}

function renderChanges(changes: readonly ResourceChange[], unchanged: number): string {
    if (changes.length === 0) {
        return `No resource would change (${unchanged} stay as they are).`;
    }
    const counts = new Map<string, number>();
    for (const { op } of changes) {
        counts.set(op, (counts.get(op) ?? 0) + 1);
    }
    const summary = [...counts].map(([op, count]) => `${count} to ${op}`).join(", ");
    const rows = changes
        .slice(0, MOST_ROWS)
        .map(({ op, name, type, properties }) =>
            row(op, code(name), code(type.split(":").at(-1) ?? type), differing(properties)),
        );
    const left = changes.length - rows.length;
    return [
        `${summary}, ${unchanged} unchanged.`,
        "",
        row("", "resource", "type", "differs in"),
        row("---", "---", "---", "---"),
        ...rows,
        ...(left > 0 ? ["", `and ${left} more.`] : []),
    ].join("\n");
}

function differing(properties: readonly string[]): string {
    const shown = properties.slice(0, MOST_PROPERTIES).map(code).join(" ");
    const left = properties.length - MOST_PROPERTIES;
    return left > 0 ? `${shown} and ${left} more` : shown;
}

/** The figures of the serving release at its gate. */
function renderGate({ serving, gate }: StackReview): string | undefined {
    if (serving === undefined) {
        return undefined;
    }
    const figures = Object.entries(serving.metrics).map(([name, value]) => {
        return [`${name} ${value.toFixed(DIGITS)}`, ...limits(name, gate)].join(", ");
    });
    return `Last gate: version ${serving.version}, ${when(serving.at)}: ${figures.join("; ")}.`;
}

/** What a stack asks of a figure. A bound on `recall` holds for `recall.anomaly` too. */
function limits(figure: string, gate: StackReview["gate"]): string[] {
    const floor = (gate?.floors as Record<string, unknown> | undefined)?.[figure];
    const bounds = Object.entries(gate?.bounds ?? {}).filter(
        ([name]) => name === figure || figure.startsWith(`${name}.`),
    );
    return [
        ...(typeof floor === "number" ? [`at least ${floor}`] : []),
        ...bounds.flatMap(([, { min, max }]) => [
            ...(min === undefined ? [] : [`at least ${min}`]),
            ...(max === undefined ? [] : [`at most ${max}`]),
        ]),
    ];
}

function counted(count: number, one: string, many: string): string {
    return `${count} ${count === 1 ? one : many}`;
}

function folded(title: string, lines: readonly string[]): string[] {
    return lines.length === 0
        ? []
        : [`<details><summary>${title}</summary>\n\n${fenced(lines)}\n\n</details>`];
}

/** Shows other people's words as they are: nothing in them becomes Markdown, HTML or a mention. */
function fenced(texts: readonly string[]): string {
    const lines = texts.flatMap((text) => text.split("\n"));
    const left = lines.length - MOST_LINES;
    const shown = left > 0 ? [...lines.slice(0, MOST_LINES), `and ${left} more lines`] : lines;
    const fence = "`".repeat(Math.max(3, ...shown.map((line) => longestRun(line) + 1)));
    return [`${fence}text`, ...shown, fence].join("\n");
}

function longestRun(line: string): number {
    return Math.max(0, ...(line.match(/`+/g) ?? []).map(({ length }) => length));
}

function row(...cells: readonly string[]): string {
    return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

function code(text: string): string {
    return `\`${text.replaceAll("`", "'").replaceAll("\n", " ")}\``;
}
