/** Options that npm keeps for itself, because they are before `--`, or because `--` is missing. */

/** npm reads some options of the verbs as the beginning of its own options. Here are its own options. */
const NPM_MEANS: Readonly<Record<string, string>> = {
    to: "token-description",
    replace: "replace-registry-host",
};
/** The script of package.json that runs any verb. */
export const MLOPS = "mlops";

/**
 * The message about an option that npm kept; undefined if npm kept none.
 *
 * @param verb the verb with these options
 * @param names the options, without dashes
 */
export function keptByNpm(
    verb: string,
    names: readonly string[],
    env: NodeJS.ProcessEnv = process.env,
): string | undefined {
    const kept = names.find((name) => {
        const value = (option: string) => env[`npm_config_${option.replaceAll("-", "_")}`];
        // npm reads "--no-x" as "x is false", and passes that on as an empty text.
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
