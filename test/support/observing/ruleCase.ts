/** A case of `promtool test rules`: the series, and the alerts that fire after a while. */
export interface RuleCase {
    name: string;
    /** Series with their values at intervals of ten seconds, in promtool's notation. */
    input: Record<string, string>;
    /** The alerts at a time: how many of each name fire. */
    fires: { at: string; alerts: Record<string, number> }[];
}
