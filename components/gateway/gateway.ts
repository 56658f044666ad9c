import * as pulumi from "@pulumi/pulumi";

import { shellText } from "../../common/shellText";
import type { StackConfig } from "../../config/schema";
import { OWNER } from "../../config/access/roles";
import type { Deployment } from "../stack/deployment";
import { Acme, CERTIFICATE_FILE, CERTIFICATES_FOLDER } from "./acme";
import { type Certificate, certificateFile } from "./certificate";
import { PROOFS } from "./challenge";
import {
    ACCESS_ROLE,
    type Endpoint,
    GATEWAY_ROLE,
    GENERATION,
    GENERATIONS,
    HTTP,
    METRICS_PORT,
    type Published,
    READY,
    readyPort,
} from "./endpoint";
import { renderFront } from "./front";
import { type Inside, READER_PORT } from "./inside";
import { type Insider, insiders, INSIDERS_FILE, type Login, type RegistryReader } from "./insiders";
import { renderProxy, SOCKET } from "./proxy";
import { passwords, renderUsers, USERS_FILE, type UsersArgs } from "./users";
import { durableVolume } from "../service/durableVolume";
import { configFile, engineSecret, secretFile } from "../service/engineSecret";
import type { Networks } from "../stack/environmentNetwork";
import { answersOn } from "../service/healthcheck";
import type { ScrapeTarget } from "../service/scrapeTarget";
import { platformImage } from "../image/sourceImage";
import { oneAtATime } from "../service/oneAtATime";
import { SwarmService } from "../service/swarmService";

const CONFIG_FILE = "/etc/haproxy/stack.cfg";
/** The physical role of the fronts on the managers besides the node with the stack's volumes. */
const OTHERS_ROLE = "gateway-others";
/** More tasks behind the fronts than this add nothing to the safety of any. */
const MOST_TASKS = 3;
/** HAProxy reads its certificate there, if that is renewed while it runs. */
const OWN_COPY = "/tmp/certificate.pem";
const RENEWED = shellText("service/certificate.sh");
const PROOFS_FILE = "/etc/haproxy/challenge.lua";
/** The front's own port for HTTP. Its user may open no port below 1024. */
const HTTP_INSIDE = 8080;
/** Longer than HAProxy takes to answer what it has taken. */
const STOP_GRACE_SECONDS = 40;

/** The gateway's metrics: the users' requests and their answers. */
export const GATEWAY_TARGET: ScrapeTarget = { job: "gateway", host: ACCESS_ROLE, port: METRICS_PORT };

export interface GatewayArgs {
    deployment: Deployment;
    networks: Networks;
    endpoints: Endpoint[];
    /** The ways of the stack's own services into the registry's network. */
    inside: Inside;
    /** Known once MLflow answers. */
    registry: pulumi.Input<unknown>;
    users: UsersArgs;
    /** The certificate of every published port; undefined for plain HTTP. */
    certificate: Certificate | undefined;
    /** The addresses of the proxies whose X-Forwarded-For is believed. */
    trusted: readonly string[];
    /** The share of the predictions that are logged. */
    logSample: number;
}

/**
 * HAProxy twice. The front is the only published service, and passes connections on as they are. The tasks behind it
 * end TLS, know the users and their roles, write the access log, balance over healthy tasks by the engine's DNS, and
 * retry. Two tasks cannot hold one port, so the front stops before it starts again; but only another port changes it.
 * What changes often changes the tasks behind it, which are updated side by side: no request is lost.
 */
export class Gateway extends pulumi.ComponentResource {
    /** The front. */
    readonly service: SwarmService;
    /** The fronts of other managers; undefined when there is one manager. */
    readonly others: SwarmService | undefined;
    /** The tasks behind the front. */
    readonly access: SwarmService;
    readonly username: string = OWNER;
    readonly password: pulumi.Output<string>;
    /** The passwords by user. */
    readonly passwords: pulumi.Output<Record<string, string>>;
    /** MLflow's address for services that only read; known once it answers there. */
    private readonly trackingUri: pulumi.Output<string>;
    private readonly logins: Partial<Record<Insider, Login>>;
    /** Gets the certificate; undefined if it comes from no ACME server. */
    readonly acme: Acme | undefined;
    /** The certificate in PEM form; undefined without TLS, and if it comes from an ACME server. */
    readonly certificate: pulumi.Output<string> | undefined;

    constructor(name: string, args: GatewayArgs, opts?: pulumi.ComponentResourceOptions) {
        super("seismic:platform:Gateway", name, {}, opts);
        const { deployment, endpoints, networks, users } = args;
        const network = networks.front;
        // Without a registry, the others would not find the image.
        const hasOthers = deployment.managers > 1 && deployment.images !== undefined;
        const image = platformImage(`${name}-image`, "gateway", args.deployment, this);
        this.passwords = passwords(name, users, this);
        const text = this.passwords.apply((all) => renderUsers(users.roles, all));
        const acme = args.certificate?.kind === "acme" ? args.certificate : undefined;
        const certificate =
            args.certificate?.kind === "acme"
                ? undefined
                : certificateFile(deployment, args.certificate, this);
        this.certificate = certificate?.text;
        const renewed = acme === undefined ? undefined : this.renewed(name, deployment);
        const letIn = insiders(name, deployment, args.inside.insiders, this);
        this.logins = letIn.logins;
        const settings = renderProxy(
            endpoints,
            {
                ...{ trusted: args.trusted, logSample: args.logSample },
                certificate: certificate?.file.target ?? renewed?.file,
            },
            {
                inside: args.inside,
                challenge: acme === undefined ? undefined : { program: PROOFS_FILE, redirect: acme.redirect },
            },
        );
        this.access = new SwarmService(
            ACCESS_ROLE,
            {
                ...{ deployment, network, image: image.reference },
                alsoOn: networks.registry,
                role: ACCESS_ROLE,
                user: "haproxy",
                command: [...(renewed?.before ?? []), "access", CONFIG_FILE],
                ...(renewed === undefined ? {} : { mounts: renewed.mounts }),
                secrets: [
                    secretFile(engineSecret(deployment, "users", text, this), USERS_FILE),
                    secretFile(engineSecret(deployment, "insiders", letIn.file, this), INSIDERS_FILE),
                    ...(certificate === undefined ? [] : [certificate.file]),
                ],
                configs: [
                    configFile(deployment, "haproxy", settings, CONFIG_FILE, this),
                    ...(renewed?.configs ?? []),
                ],
                // A certificate that is renewed is on a volume, and so on one node.
                ...(hasOthers && renewed === undefined
                    ? { replicas: Math.min(deployment.managers, MOST_TASKS), where: "managers" as const }
                    : { replicas: 1, where: "state" as const }),
                healthcheck: { test: isReady(GENERATIONS[0]), startSeconds: 30 },
                alternate: { ports: GENERATIONS, variable: GENERATION, test: isReady },
                order: "start-first",
                stopGraceSeconds: STOP_GRACE_SECONDS,
            },
            { parent: this },
        );
        const published: Published[] = [
            ...endpoints,
            ...(acme === undefined ? [] : [{ name: HTTP, port: acme.httpPort } as const]),
        ];
        const ports = published.map(({ name: part, port }) => ({
            published: port,
            target: part === HTTP ? HTTP_INSIDE : port,
        }));
        const inside = published.map(({ name: part }, at) => ({ name: part, port: ports[at]!.target }));
        const front = configFile(deployment, "front", renderFront(inside, ACCESS_ROLE), CONFIG_FILE, this);
        const fronts = {
            ...{ deployment, network },
            // The gateway of an earlier release answers by itself, until the tasks that the front needs are there.
            image: pulumi.all([image.reference, this.access.healthy]).apply(([reference]) => reference),
            user: "haproxy",
            command: ["front", CONFIG_FILE],
            configs: [front],
            // The front only has to listen. It checks the tasks behind it itself.
            ...oneAtATime(["bash", "-c", `: > /dev/tcp/127.0.0.1/${ports[0]!.target}`], 10),
            ports,
        };
        this.service = new SwarmService(
            name,
            { ...fronts, role: GATEWAY_ROLE, where: "state" },
            { parent: this },
        );
        this.others = hasOthers
            ? new SwarmService(
                  OTHERS_ROLE,
                  {
                      ...fronts,
                      role: OTHERS_ROLE,
                      where: "otherManagers",
                      onEach: true,
                      // One front after another is away for a moment, so that a client finds one of them.
                      image: pulumi
                          .all([fronts.image, this.service.healthy])
                          .apply(([reference]) => reference),
                  },
                  { parent: this },
              )
            : undefined;
        this.acme =
            acme === undefined || renewed === undefined
                ? undefined
                : new Acme("acme", {
                      ...{ deployment, network, certificate: acme, volume: renewed.volume },
                      answering: this.service.healthy,
                  });
        this.trackingUri = pulumi
            .all([this.access.healthy, args.registry])
            .apply(() => `http://${ACCESS_ROLE}:${READER_PORT}`);
        this.password = pulumi.secret(this.passwords.apply((all) => all[OWNER]!));
        this.registerOutputs({ username: this.username });
    }

    /**
     * How a service signs in on its way into the registry's network.
     *
     * @throws an error when the stack has no way for it
     */
    login(user: Insider): Login {
        const login = this.logins[user];
        if (login === undefined) {
            throw new Error(`the gateway has no way inside for ${user}; name it in its insiders`);
        }
        return login;
    }

    /** Where and how a service reads the registry. */
    reader(user: Insider): RegistryReader {
        return { ...this.login(user), trackingUri: this.trackingUri };
    }

    /** The parts of a task whose certificate is renewed while it runs: images/service/certificate.sh. */
    private renewed(name: string, deployment: Deployment) {
        const { name: volume } = durableVolume(`${name}-certificates`, deployment, "certificates", this);
        return {
            volume,
            file: OWN_COPY,
            before: ["sh", "-c", RENEWED, "certificate", CERTIFICATE_FILE, OWN_COPY, SOCKET],
            mounts: [{ kind: "volume", volume, target: CERTIFICATES_FOLDER, readOnly: true } as const],
            configs: [configFile(deployment, "proofs", PROOFS, PROOFS_FILE, this)],
        };
    }
}

/** The API's address on the gateway, for requests from inside the environment's network. */
export function apiInside({ access, serving }: Pick<StackConfig, "access" | "serving">): string {
    return `${access.scheme}://${GATEWAY_ROLE}:${serving.port}`;
}

function isReady(generation: number): string[] {
    return answersOn(Number(readyPort(generation)), READY);
}
