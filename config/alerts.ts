import { z } from "zod";

import { durationFrom, flag, HIGHEST_PORT, line, positive, share, wholeFrom } from "./types";

const ADDRESS = { error: "needs an e-mail address" };
const SMARTHOST = { error: 'needs HOST:PORT of a mail server, such as "smtp.example.org:587"' };
const CHANNEL = { error: 'needs a channel such as "#seismic-prod"' };
const URL_NEEDED = { error: 'needs an address such as "https://example.org/runbook.md"' };

/** One mailbox, or several with commas between them, as Alertmanager takes them. */
const email = z
    .string(ADDRESS)
    .refine((text) => text.split(",").every((one) => z.regexes.html5Email.test(one.trim())), ADDRESS);

const smarthost = z.string(SMARTHOST).refine((text) => {
    const [, port] = /^(?:[A-Za-z0-9_.-]+|\[[0-9A-Fa-f:]+\]):(\d{1,5})$/.exec(text) ?? [];
    return port !== undefined && Number(port) >= 1 && Number(port) <= HIGHEST_PORT;
}, SMARTHOST);

/** An address, or a page of this project. */
const page = z.string(URL_NEEDED).refine((text) => {
    const own = /^[^\s\p{Cc}:]+$/u.test(text);
    return own || (/^https?:\/\/[^\s\p{Cc}]+$/u.test(text) && URL.canParse(text));
}, URL_NEEDED);

export const alerts = z.strictObject({
    /** The channel that Slack's webhook posts to. The address of the webhook is the secret `slackWebhook`. */
    slack: z
        .strictObject({
            channel: z
                .string(CHANNEL)
                .regex(/^[#@][^\s\p{Cc}]+$/u, CHANNEL)
                .optional(),
        })
        .prefault({}),
    /** A mail server and the recipients. The server's password is the secret `smtpPassword`. */
    email: z
        .strictObject({
            to: email,
            from: email,
            smarthost,
            username: line("the name of a user of the mail server").optional(),
            startTls: flag.default(true),
        })
        .optional(),
    /** The address of the runbook. The link in each message begins with it. */
    runbook: page.default("docs/runbook.md"),
    /** How long the same alert stays quiet after a message. */
    repeat: durationFrom("1s", "8760h").default("4h"),
    /** The share of requests to the API that may fail. */
    errorRatio: share.default(0.05),
    /** The most seconds that the 99th percentile of /predict may take. */
    latencySeconds: positive(3600, "seconds above 0, such as 0.5, up to 3600").default(0.5),
    /**
     * Data has drifted when at least `atLeast` of the last `windows` scores were above
     * `score`. Each `window` gives one score.
     */
    drift: z
        .strictObject({
            score: positive(1000, "a score above 0, up to 1000").default(0.2),
            window: durationFrom("1s", "24h").default("10s"),
            windows: wholeFrom(1, 1000).default(6),
            atLeast: wholeFrom(1, 1000).default(4),
        })
        .prefault({}),
    modelAgeDays: wholeFrom(1, 36_500).default(90),
    /** The share of a volume's file system that must be free. */
    diskFree: share.default(0.1),
});
