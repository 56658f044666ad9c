/** A task that gives Prometheus its metrics, at /metrics. */
export interface ScrapeTarget {
    /** The target's name in labels and messages: "serving". */
    job: string;
    /** The target's name inside the environment's network. */
    host: string;
    port: number;
    /** Whether each address behind the name is a target of its own: the replicas of a service. */
    replicated?: boolean;
    /** Whether the service is in the registry's network, which Prometheus reaches through the gateway's tasks. */
    inside?: boolean;
}
