/** The alias of the version that serves, and of the version that was trained to take its place. */
export const CHAMPION = "champion";
export const CHALLENGER = "challenger";
