import { z } from "zod";

import { OWNER, ROLES } from "./roles";
import { share } from "../types";

/** The parts of a stack that people open. Each part has a port of its own on the gateway. */
export const PARTS = ["api", "mlflow", "prometheus", "alertmanager", "grafana"] as const;
export type Part = (typeof PARTS)[number];

const HOST = {
    error: 'needs the address of a host without port and path, such as "https://ml.example.org"; each part has its own port there',
};
const PAGE = { error: 'needs an address such as "https://mlflow.example.org"' };

function address(error: { error: string }, takes: (url: URL, text: string) => boolean) {
    return z.string(error).refine((text) => {
        const url =
            /^https?:\/\/[^\s\p{Cc}@?#\\]+$/u.test(text) && URL.canParse(text) ? new URL(text) : undefined;
        return url !== undefined && takes(url, text);
    }, error);
}

const USER = {
    error: "needs a user's name of lower-case letters, digits, '_' or '-', at most 32, beginning with a letter",
};
const userName = z
    .string(USER)
    .regex(/^[a-z][a-z0-9_-]{0,31}$/, USER)
    .refine((name) => name !== OWNER, {
        error: `needs another name: ${OWNER} is the admin whom every stack has`,
    });

const page = address(PAGE, () => true).optional();

/** The addresses under which people reach a stack, which outputs, alerts, mails and links contain, and who they are. */
export const access = z
    .strictObject({
        /** The address of the host. Each part has the port there that the gateway publishes. */
        url: address(HOST, ({ pathname }, text) => pathname === "/" && !/:\d*\/?$/.test(text)).optional(),
        /** The address of a single part, for example the address that a proxy gives it. */
        api: page,
        mlflow: page,
        prometheus: page,
        alertmanager: page,
        grafana: page,
        /** The roles of people and programs, by their names. */
        users: z.record(userName, z.enum(ROLES)).default({}),
        /** The share of the predictions and their explanations that are in the access log. Every other request is in it. */
        logSample: share.default(1),
    } satisfies Record<Part | "url" | "users" | "logSample", z.ZodType>)
    .prefault({});

/** The addresses and users of a stack, and how its ports are reached. */
export type Access = z.output<typeof access> & { scheme: "http" | "https" };

/**
 * The address where people reach a part of a stack, without a slash at the end.
 *
 * @param host the engine's host, as seen from here
 * @param port the port of the part on the gateway
 */
export function publicUrl(given: Access, host: string, part: Part, port: number): string {
    const url = given[part] ?? `${(given.url ?? `${given.scheme}://${host}`).replace(/\/$/, "")}:${port}`;
    return url.replace(/\/+$/, "");
}
