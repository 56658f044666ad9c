/** Options that npm keeps for itself where they stand before `--`, or without it. */

/** What npm, which takes beginnings of its own options for these, makes of some options of the verbs. */
const NPM_MEANS: Readonly<Record<string, string>> = {
    to: "token-description",
    replace: "replace-registry-host",
};
/** The script of package.json that runs any verb. */
export const MLOPS = "mlops";

/**
 * What to say of an option that npm kept; undefined where it kept none.
 *
 * @param verb whose options they are
 * @param names the options, without dashes
 */
export function keptByNpm(
    verb: string,
    names: readonly string[],
    env: NodeJS.ProcessEnv = process.env,
): string | undefined {
    const kept = names.find((name) => {
        const value = (option: string) => env[`npm_config_${option.replaceAll("-", "_")}`];
        // "--no-x" is for npm that x is false, which it tells as an empty text.
        const isOff = name.startsWith("no-") && value(name.slice("no-".length)) === "";
        return isOff || [name, NPM_MEANS[name] ?? name].some((it) => (value(it) ?? "") !== "");
    });
    if (kept === undefined) {
        return undefined;
    }
    const script = env.npm_lifecycle_event === MLOPS ? `${MLOPS} -- ${verb}` : `${verb} --`;
    return (
        `--${kept}: npm kept it for itself. Put -- before the options: ` +
        `npm run ${script} --${kept} …, or take it out of npm's own settings. Nothing was changed.`
    );
}
