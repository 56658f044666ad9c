/** Names of figures as people read them. */
export const TITLES: Readonly<Record<string, string>> = { macroF1: "macro F1" };

/** The figure that stands for a release in a list: macro F1, or the first figure of a model that has none. */
export function mainFigure(
    metrics: Readonly<Record<string, number>>,
): [name: string, value: number] | undefined {
    const { macroF1 } = metrics;
    return macroF1 === undefined ? Object.entries(metrics)[0] : ["macroF1", macroF1];
}
