import { parser } from "@prometheus-io/lezer-promql";

/** The metrics that an expression of PromQL asks for, by Prometheus' own grammar. */
export function metricsIn(expression: string): string[] {
    const found: string[] = [];
    parser.parse(expression).iterate({
        enter: ({ type, from, to, node }) => {
            if (type.isError) {
                throw new SyntaxError(`${expression}: no PromQL at "${expression.slice(from)}"`);
            }
            if (type.name === "Identifier" && node.parent?.name === "VectorSelector") {
                found.push(expression.slice(from, to));
            }
        },
    });
    return found;
}
