/** `npm start` brings this one up where it is given no name. */
export const DEFAULT_STACK = "dev";

/** Environments whose stacks have shorter names. */
const SHORT: Readonly<Record<string, string>> = { development: "dev", production: "prod" };

/** The stack of an environment, which may be called by its long name; any other name is a stack's own. */
export function stackOf(environment: string): string {
    return SHORT[environment] ?? environment;
}
