import { z } from "zod";

/** What people open: each has a port of its own on the gateway. */
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

const page = address(PAGE, () => true).optional();

/** Under which addresses people reach a stack: of its outputs, alerts, mails and links. */
export const access = z
    .strictObject({
        /** The host, where the parts have the ports that the gateway publishes. */
        url: address(HOST, ({ pathname }, text) => pathname === "/" && !/:\d*\/?$/.test(text)).optional(),
        /** The address of a single part, such as one that a proxy gives it. */
        api: page,
        mlflow: page,
        prometheus: page,
        alertmanager: page,
        grafana: page,
    } satisfies Record<Part | "url", z.ZodType>)
    .prefault({});

export type Access = z.output<typeof access>;

/**
 * Where people reach a part of a stack, without a slash at its end.
 *
 * @param host the engine's, as it is seen from here
 * @param port the part's on the gateway
 */
export function publicUrl(given: Access, host: string, part: Part, port: number): string {
    const url = given[part] ?? `${(given.url ?? `http://${host}`).replace(/\/$/, "")}:${port}`;
    return url.replace(/\/+$/, "");
}
