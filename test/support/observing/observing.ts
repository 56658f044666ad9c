import { OLLAMA_IMAGE } from "./fakeOllama";
import type { MailReceiver } from "./receivers";
import type { Config, TestStack } from "../stack/stack";

type Ports = TestStack["ports"];

/** Alertmanager's login at the mail server. */
export const MAIL = { username: "alerts", password: "m4il-s3cret" };

/** The config of a stack that watches itself closely, and reports by mail. */
export function observing(ports: Ports, mail: MailReceiver): Config {
    return {
        environment: "staging",
        serving: { port: ports.api, replicas: 2 },
        statusPage: true,
        monitoring: {
            enabled: true,
            port: ports.prometheus,
            alertmanagerPort: ports.alertmanager,
            scrapeInterval: "2s",
        },
        alerts: {
            email: {
                to: "team@example.org",
                from: "alerts@example.org",
                smarthost: `${mail.host}:${mail.port}`,
                username: mail.login.username,
                startTls: false,
            },
            drift: { window: "5s" },
        },
        retraining: { onDrift: true },
        // Far from today: only the first backup is made, at once.
        backup: { schedule: "0 3 1 1 *" },
        summary: summaryBy("llama3.2:1b"),
    };
}

/** The config of a run's summary by a model. */
export function summaryBy(model: string): Config {
    return { enabled: true, image: OLLAMA_IMAGE, model, timeout: "20s" };
}
