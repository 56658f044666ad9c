/** Seconds from SIGTERM until the engine kills a process of a trainer's image, by the process's module. */
export const STOP_GRACE_SECONDS = {
    train: 10,
    /** A task that is told to stop waits until the gateway has noticed, then answers the requests that it has taken. */
    serving: 30,
    /** Before it ends, the page answers the requests that it has taken. */
    status: 15,
    /** A run that is told to stop still needs time to tell MLflow. */
    retraining: 60,
} as const;
