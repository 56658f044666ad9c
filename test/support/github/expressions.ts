/** Evaluates the expressions of workflows with GitHub's own code. */

type Value = string | boolean | number | null;

/**
 * @param source an expression, with or without ${{ }} around it
 * @param contexts the names that it may use: { github: {...}, inputs: {...}, ... }
 * @param failed whether a step or job before has failed
 */
export async function evaluate(source: string, contexts: object, failed = false): Promise<Value> {
    // This is an ES module.
    const { Lexer, Parser, Evaluator, data } = await import("@actions/expressions");
    const status = (name: string, value: boolean) => ({
        name,
        minArgs: 0,
        maxArgs: 0,
        call: () => new data.BooleanData(value),
    });
    const functions = [
        status("success", !failed),
        status("failure", failed),
        status("always", true),
        status("cancelled", false),
    ];
    const values = JSON.parse(JSON.stringify(contexts), data.reviver) as InstanceType<typeof data.Dictionary>;
    const bare = source.trim().replace(/^\$\{\{(.*)\}\}$/s, "$1");
    const tree = new Parser(new Lexer(bare).lex().tokens, Object.keys(contexts), functions).parse();
    const result = new Evaluator(tree, values, new Map(functions.map((one) => [one.name, one]))).evaluate();
    return JSON.parse(JSON.stringify(result, data.replacer)) as Value;
}

/** A text with the values of its ${{ }}. A null value gives nothing. */
export async function interpolate(text: string, contexts: object): Promise<string> {
    const parts = text.split(/(\$\{\{(?:'[^']*'|[^'])*?\}\})/);
    const values = parts.map(async (part) =>
        part.startsWith("${{") ? String((await evaluate(part, contexts)) ?? "") : part,
    );
    return (await Promise.all(values)).join("");
}

/** Several texts with the values of their ${{ }}. */
export async function interpolated(
    values: Record<string, string>,
    contexts: object,
): Promise<Record<string, string>> {
    const entries = Object.entries(values).map(async ([name, text]) => [
        name,
        await interpolate(String(text), contexts),
    ]);
    return Object.fromEntries(await Promise.all(entries)) as Record<string, string>;
}
