/** `npm start` brings this one up where it is given no name. */
export const DEFAULT_STACK = "dev";

/** Short names of stacks, by the long names of their environments. */
const SHORT: Readonly<Record<string, string>> = { development: "dev", production: "prod" };

/** The stack that a name means: an environment's long name, or the name of a stack. */
export function stackOf(environment: string): string {
    return SHORT[environment] ?? environment;
}
