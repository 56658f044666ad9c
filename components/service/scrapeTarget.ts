/** Who tells Prometheus of itself, at /metrics. */
export interface ScrapeTarget {
    /** What it is, in labels and messages: "serving". */
    job: string;
    /** Its name inside the environment's network. */
    host: string;
    port: number;
    /** Whether each address behind the name is one of its own: the replicas of a service. */
    replicated?: boolean;
}
