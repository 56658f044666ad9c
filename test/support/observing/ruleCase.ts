/** A case of `promtool test rules`: what is seen, and which alerts fire after a while. */
export interface RuleCase {
    name: string;
    /** Series with their values at intervals of ten seconds, in promtool's notation. */
    input: Record<string, string>;
    /** Alerts looked at, by name, after how long: how many of each fire. */
    fires: { at: string; alerts: Record<string, number> }[];
}
