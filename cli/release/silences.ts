/** The silences that Alertmanager has: present, coming, and ended ones of the last days. */
import { z } from "zod";
import { parseJson } from "../../common/json";
import { ALERTMANAGER_PORT, ALERTMANAGER_ROLE } from "../../components/observing/alertmanager";
import { tasksOf } from "../../components/stack/deployment";
import { InsideHttp, NoAnswer, runningContainer } from "../../engine/streams/insideHttp";
import { engineOf } from "../stack/engine";
import type { OpenStack } from "../stack/stack";

/** Source: https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml, gettableSilence. */
const silence = z.object({
    status: z.object({ state: z.string() }),
    createdBy: z.string(),
    comment: z.string(),
    startsAt: z.string(),
    endsAt: z.string(),
    matchers: z.array(
        z.object({
            name: z.string(),
            value: z.string(),
            isRegex: z.boolean(),
            isEqual: z.boolean().default(true),
        }),
    ),
});

/** A silence. Its author is the name that somebody gave: the access log has the user. */
export type Silence = z.infer<typeof silence>;

/** Silences, or the reason why they are not known. */
export type Silences = { readonly known: readonly Silence[] } | { readonly unknown: string };

/** Asks Alertmanager, from inside its own container. */
export async function silencesOf(stack: OpenStack): Promise<Silences> {
    if (!stack.config.monitoring.enabled) {
        return { unknown: "the stack has no monitoring" };
    }
    const engine = await engineOf(stack);
    const container = await runningContainer(engine, tasksOf(stack.owner, ALERTMANAGER_ROLE));
    return container === undefined
        ? { unknown: "Alertmanager does not run on this engine" }
        : askSilences(new InsideHttp(engine, container));
}

/** @param http sends from inside Alertmanager's container */
export async function askSilences(http: InsideHttp): Promise<Silences> {
    try {
        const url = `http://127.0.0.1:${ALERTMANAGER_PORT}/api/v2/silences`;
        const { status, body } = await http.request({ url, seconds: 5 });
        const parsed = z.array(silence).safeParse(parseJson(body));
        return status === 200 && parsed.success
            ? { known: parsed.data }
            : { unknown: `Alertmanager answers ${status}: ${body.slice(0, 200).trim()}` };
    } catch (error) {
        if (error instanceof NoAnswer) {
            return { unknown: `Alertmanager does not answer (${error.message})` };
        }
        throw error;
    }
}
