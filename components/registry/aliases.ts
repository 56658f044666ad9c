/** The alias of the serving version, and the alias of a version that was trained to replace it. */
export const CHAMPION = "champion";
export const CHALLENGER = "challenger";
