/**
 * The engine keeps the output of containers compressed, in files that rotate. The engine's
 * default keeps everything for ever, and a full disk stops every stack on it.
 * Source: https://docs.docker.com/engine/logging/drivers/local/
 */
const DRIVER = "local";
const OPTIONS = { "max-size": "10m", "max-file": "3" };

/** For the tasks of a service. */
export const SERVICE_LOG = { name: DRIVER, options: OPTIONS };

/** For a single container. */
export const CONTAINER_LOG = { logDriver: DRIVER, logOpts: OPTIONS };
