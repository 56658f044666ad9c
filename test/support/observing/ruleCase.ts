/** A case of `promtool test rules`: the series, and the alerts that fire after a while. */
export interface RuleCase {
    name: string;
    /** Series with their values at intervals of ten seconds, in promtool's notation. */
    input: Record<string, string>;
    /** When a certificate ends that comes from no ACME server, in seconds; undefined for one that does. */
    certificateEnds?: number;
    /** The alerts at a time: how many of each name fire, of one severity if it is given. */
    fires: { at: string; alerts: Record<string, number>; severity?: string }[];
    /** The values of expressions without labels, at a time. */
    records?: { at: string; expr: string; value: number }[];
}
