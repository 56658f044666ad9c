/** The stacks: which release serves in each, whether its services run, and whether its ports are free. */
import type Docker from "dockerode";
import { isServiceOf, stackPrefix } from "../../components/stack/deployment";
import type { ReleaseRecord } from "../../releases/records";
import { DEFAULT_STACK } from "../stack/stackName";
import { named, when } from "../terminal/report";
import type { Environment } from "../setup/prepare";
import { projectName } from "../local/checkout";
import { messageOf } from "../terminal/steps";
import { ask } from "./ask";
import { lookAtEngine, type LiveEngine } from "./engine";
import { examined, failed, note, ok, type Check, type Finding } from "./finding";
import { leftovers } from "./leftovers";
import { readPlans, type StackPlan } from "./plans";
import { portsFinding } from "./ports";
import type { KnownStack, Listing } from "./pulumi";

/** The results that several checks use. */
export interface Looks {
    readonly environment: Environment | undefined;
    readonly listing: Promise<Listing | undefined>;
    readonly engine: Promise<LiveEngine | undefined>;
}

/** The known facts about a stack. A fact is undefined if the question could not be asked. */
export interface StackFacts {
    readonly plan: StackPlan;
    /** "none": the backend has no such stack. */
    readonly stack: KnownStack | "none" | undefined;
    /** Its newest release; "none" before the first. */
    readonly served: Served | "none" | Unread;
    readonly services: readonly Docker.Service[] | undefined;
}

/** Why a stack's outputs were not read. */
interface Unread {
    readonly unread: string;
}

type Served = Pick<ReleaseRecord, "commit" | "ref" | "version" | "at"> &
    Partial<Pick<ReleaseRecord, "image">>;

export function stackChecks(looks: Looks, stepMs: number, limitMs: number): Check[] {
    return [{ what: "stacks", look: () => allStacks(looks, stepMs, limitMs) }];
}

async function allStacks(looks: Looks, stepMs: number, limitMs: number): Promise<Finding[]> {
    const [plans, listing] = await Promise.all([readPlans(limitMs), looks.listing]);
    const known = typeof listing === "string" ? undefined : listing;
    const checks = plans.map((plan) => ({
        what: plan.name,
        look: () => oneStack(plan, known, looks, stepMs),
    }));
    const others = (known ?? []).filter(({ name }) => !plans.some((plan) => plan.name === name));
    return [
        ...(await examined(checks, limitMs)),
        ...others.map(({ name }) => note(name, `in the backend, and no Pulumi.${name}.yaml here`)),
    ];
}

async function oneStack(
    plan: StackPlan,
    known: readonly KnownStack[] | undefined,
    looks: Looks,
    stepMs: number,
): Promise<Finding[]> {
    const { name, problem, host } = plan;
    if (problem !== undefined) {
        return [failed(name, problem, "Correct it, or take it from git.")];
    }
    const stack = known && (known.find((it) => it.name === name) ?? "none");
    const [served, engine] = await Promise.all([
        typeof stack === "object" && looks.environment !== undefined
            ? newestRelease(name, looks.environment, stepMs)
            : ("none" as const),
        host === undefined ? looks.engine : lookAtEngine(stepMs, host).catch(messageOf),
    ]);
    if (engine === undefined || typeof engine === "string") {
        const [why, remedy] = (engine ?? "").split("\n");
        return [
            stateFinding({ plan, stack, served, services: undefined }),
            // Not everybody can reach the engine of each stack.
            ...(engine === undefined ? [] : [note(`${name}, engine`, why!, remedy)]),
        ];
    }
    // Only a manager of a swarm lists services.
    const isManager = engine.info.Swarm.ControlAvailable === true;
    const services = isManager ? await servicesOf(engine.docker, name) : [];
    // `npm start` brings the default stack up, so its ports have to be free before it is ever made.
    const isWanted = services.length > 0 || name === DEFAULT_STACK;
    return [
        stateFinding({ plan, stack, served, services }),
        await portsFinding({ plan, engine, services, isWanted }),
        ...(typeof stack === "object" && looks.environment !== undefined
            ? await leftovers(
                  { name, docker: engine.docker, services, image: imageOf(served) },
                  looks.environment,
                  stepMs,
              )
            : []),
    ];
}

function imageOf(served: StackFacts["served"]): string | undefined {
    return typeof served === "object" && "image" in served ? served.image : undefined;
}

/** The serving release of a stack, or the next step towards one. */
export function stateFinding({ plan, stack, served, services }: StackFacts): Finding {
    const { name } = plan;
    if (stack === undefined) {
        return note(name, "not known: the backend was not asked, or did not answer");
    }
    const up = `npm start -- --stack ${name}`;
    const promote = `npm run promote -- --from ${plan.promoteFrom} --to ${name}`;
    const next = plan.promoteFrom === undefined ? up : promote;
    if (stack === "none" || served === "none") {
        return note(name, stack === "none" ? "not made yet" : "made, and nothing released in it yet", next);
    }
    if ("unread" in served) {
        return failed(
            name,
            `its outputs were not read: ${served.unread}`,
            `npm run -s pulumi -- stack output --stack ${name}`,
        );
    }
    const what = `serves ${named(served)}, version ${served.version}, since ${when(served.at)}`;
    if (services === undefined) {
        return ok(name, what);
    }
    const refresh = `pulumi up --refresh --stack ${name}`;
    if (services.length === 0) {
        return note(name, `${what}; not on this engine, or removed by hand`, refresh);
    }
    const short = services.filter(lacksTasks).map((service) => service.Spec?.Name);
    return short.length === 0
        ? ok(name, `${what}; its services run`)
        : failed(name, `${what}; lacking tasks: ${short.join(", ")}`, refresh);
}

function lacksTasks({ ServiceStatus: status }: Docker.Service): boolean {
    return status !== undefined && status.RunningTasks < status.DesiredTasks;
}

async function servicesOf(docker: Docker, stack: string): Promise<Docker.Service[]> {
    const owner = { project: projectName(), stack };
    const begin = { name: [`${stackPrefix(owner)}-`] };
    const found = await docker.listServices({ filters: begin, status: true });
    return found.filter(({ Spec }) => isServiceOf(owner, Spec!));
}

async function newestRelease(
    name: string,
    { pulumi, env }: Environment,
    limitMs: number,
): Promise<Served | "none" | Unread> {
    // These options show no secrets, and select no stack.
    const args = ["stack", "output", "--json", "--stack", name, "--non-interactive"];
    const { code, stdout, last } = await ask(pulumi, args, limitMs, env);
    if (code !== 0) {
        return { unread: last };
    }
    const { releases = [] } = JSON.parse(stdout) as { releases?: readonly Served[] };
    return releases[0] ?? "none";
}
