/** Figures whose better values everybody knows, alone or before a dot: `recall`, `recall.anomaly`. */
const BETTER: Readonly<Record<Better, readonly string[]>> = {
    higher: [
        ...["macroF1", "weightedF1", "accuracy", "balancedAccuracy", "precision", "recall", "f1"],
        ...["rocAuc", "r2"],
    ],
    lower: ["logLoss", "brier", "rmse", "mae", "mse", "mape", "gap", "modelBytes", "latencyMs"],
};

export const DIRECTIONS = ["higher", "lower"] as const;
/** Which values of a figure are better. */
export type Better = (typeof DIRECTIONS)[number];

/** Which values of a figure are better; undefined if only its trainer knows. */
export function directionOf(figure: string): Better | undefined {
    const [family] = figure.split(".");
    return DIRECTIONS.find((better) => BETTER[better].includes(family!));
}
