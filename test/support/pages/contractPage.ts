import contract from "../../../contract/trainer.schema.json";

/** The part of a property's schema that a table shows. */
interface Property {
    readonly description?: string;
    readonly $ref?: string;
    readonly default?: unknown;
    /** In words, where no constant is the default. */
    readonly computedDefault?: string;
    readonly properties?: Readonly<Record<string, Property>>;
    readonly required?: readonly string[];
}

interface Constant {
    readonly const: string | number;
    readonly description: string;
    readonly left?: string;
}

const { $defs } = contract;

/** The tables of docs/trainer-contract.md, by the names in their markers. */
const TABLES: Readonly<Record<string, () => string[]>> = {
    "training's variables": () => variables($defs.trainingVariables),
    "serving's variables": () => variables($defs.servingVariables),
    "the status page's variables": () => variables($defs.statusVariables),
    "retraining's variables": () => variables($defs.retrainingVariables),
    stages: () => table(["stage", ""], constants($defs.stage)),
    result: () => table(["field", "needed", "meaning"], fields($defs.result)),
    "exit codes": () =>
        table(
            ["exit code", "meaning", "left in MLflow"],
            ($defs.exitCode.oneOf as readonly Constant[]).map((it) => [
                String(it.const),
                it.description,
                it.left ?? "",
            ]),
        ),
    aliases: () => table(["alias", ""], constants({ oneOf: [$defs.champion, $defs.challenger] })),
    metrics: () =>
        table(
            ["metric", "of", ""],
            Object.entries<Metric>($defs.metricNames.properties).map(
                ([name, { labels, of, description }]) => [
                    `\`${name}${labels.length === 0 ? "" : `{${labels.join(",")}}`}\``,
                    of,
                    description,
                ],
            ),
        ),
    tags: () =>
        table(
            ["tag", "of", "needed", "meaning"],
            [
                ...tags("version and run", $defs.versionTags),
                ...tags("run", $defs.runTags),
                ...tags("experiment", $defs.experimentTags),
                ...constants({ oneOf: [$defs.releasedPrefix, $defs.retrainingPrefix] }).map(
                    ([prefix, meaning]) => [`${prefix}...`, "registered model", "", meaning],
                ),
            ],
        ),
};

interface Metric {
    readonly of: string;
    readonly labels: readonly string[];
    readonly description: string;
}

const BEGIN = (name: string) => `<!-- ${name}, from contract/trainer.schema.json -->`;
const END = "<!-- end -->";

/**
 * A page with its tables written anew, each between its two markers.
 *
 * @throws Error when the page lacks the markers of a table
 */
export function withTables(page: string): string {
    return Object.entries(TABLES).reduce((text, [name, rows]) => {
        const begin = text.indexOf(BEGIN(name));
        const end = text.indexOf(END, begin);
        if (begin === -1 || end === -1) {
            throw new Error(`the page lacks ${BEGIN(name)} and ${END} after it`);
        }
        const written = [BEGIN(name), ...rows(), ""].join("\n");
        return text.slice(0, begin) + written + text.slice(end);
    }, page);
}

function variables(definition: Property): string[] {
    const { properties = {}, required = [] } = definition;
    const rows = Object.entries(properties).map(([name, it]) => {
        return [`\`${name}\``, required.includes(name) ? "needed" : defaultOf(it), it.description!];
    });
    return table(["variable", "default", "meaning"], rows);
}

function defaultOf({ default: value, computedDefault }: Property): string {
    if (typeof value !== "string") {
        return computedDefault!;
    }
    return value === "" ? "empty" : /^[\d.]+$/.test(value) ? value : `\`${value}\``;
}

/** A row for each field, and for the fields of an object that another definition describes. */
function fields(definition: Property, within = ""): string[][] {
    const { properties = {}, required = [] } = definition;
    return Object.entries(properties).flatMap(([name, it]) => {
        const path = `${within}${name}`;
        const inner = within === "" && /(judgement|tuning)$/.test(it.$ref ?? "") ? it.$ref : undefined;
        return [
            [`\`${path}\``, required.includes(name) ? "yes" : "", it.description!],
            ...(inner === undefined ? [] : fields(definitionOf(inner), `${path}.`)),
        ];
    });
}

function definitionOf(ref: string): Property {
    return ($defs as Readonly<Record<string, Property>>)[ref.slice("#/$defs/".length)]!;
}

function tags(of: string, { properties = {}, required = [] }: Property): string[][] {
    return Object.entries(properties).map(([name, it]) => {
        return [`\`${name}\``, of, required.includes(name) ? "yes" : "", it.description!];
    });
}

function constants({ oneOf }: { readonly oneOf: readonly Constant[] }): [string, string][] {
    return oneOf.map((it) => [`\`${it.const}\``, it.description]);
}

function table(titles: readonly string[], rows: readonly (readonly string[])[]): string[] {
    const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`.replaceAll("|  |", "| |");
    return [line(titles), line(titles.map(() => "---")), ...rows.map(line)];
}
