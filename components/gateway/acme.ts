import * as pulumi from "@pulumi/pulumi";

import type { ScrapeTarget } from "../service/scrapeTarget";
import type { AcmeCertificate } from "./certificate";
import { platformImage } from "../image/sourceImage";
import { configFile } from "../service/engineSecret";
import type { MountedFile } from "../service/mounts";
import { oneAtATime } from "../service/oneAtATime";
import { SwarmService } from "../service/swarmService";
import { APP_UID } from "../service/users";
import type { Deployment } from "../stack/deployment";

/** The physical role of the service that gets the certificate. */
export const ACME_ROLE = "acme";
/** The folder that this service writes and the gateway's tasks read. */
export const CERTIFICATES_FOLDER = "/certificates";
/** The file with the key, the certificate and its chain, as HAProxy takes it. */
export const CERTIFICATE_FILE = `${CERTIFICATES_FOLDER}/certificate.pem`;
/** The group of HAProxy's user in images/gateway, which Debian's package makes. images/acme has the number too. */
const READERS = "101";
const AUTHORITY_FILE = "/etc/acme/authority.pem";
const READY_FILE = "/tmp/ready";
const PORT = 8000;
/**
 * Seconds that the first certificate may take. If the engine ended the task before, it would ask anew each time, and the
 * ACME server would soon refuse it. `up` does not wait that long, and says so.
 */
const FIRST_SECONDS = 86_400;

/** The metrics of the certificate: its end, and whether the last attempt to renew it failed. */
export const ACME_TARGET: ScrapeTarget = { job: ACME_ROLE, host: ACME_ROLE, port: PORT };

export interface AcmeArgs {
    deployment: Deployment;
    network: pulumi.Input<string>;
    certificate: AcmeCertificate;
    /** The volume of certificates. */
    volume: pulumi.Input<string>;
    /** Known once the ACME server's questions are answered. */
    answering: pulumi.Output<unknown>;
}

/**
 * Gets the stack's certificate from an ACME server, and renews it. The service is healthy when it has a certificate for
 * the names. One that has ended does not make it ill, because another task could not get one either: an alert tells.
 */
export class Acme extends pulumi.ComponentResource {
    readonly service: SwarmService;

    constructor(name: string, args: AcmeArgs, opts?: pulumi.ComponentResourceOptions) {
        super("seismic:platform:Acme", name, {}, opts);
        const { deployment, network } = args;
        const { authority, email, hosts, server } = args.certificate;
        const image = platformImage(`${name}-image`, ACME_ROLE, deployment, this);
        const authorities: MountedFile[] =
            authority === undefined
                ? []
                : [configFile(deployment, "acme-authority", authority, AUTHORITY_FILE, this)];
        this.service = new SwarmService(
            name,
            {
                ...{ deployment, network },
                role: ACME_ROLE,
                image: pulumi.all([image.reference, args.answering]).apply(([reference]) => reference),
                user: `${APP_UID}:${READERS}`,
                command: ["tini", "-g", "--", "python3", "-m", "acme"],
                env: {
                    ACME_EMAIL: email,
                    ACME_HOSTS: hosts.join(","),
                    ACME_SERVER: server,
                    CERTIFICATES_FOLDER,
                    ...(authority === undefined ? {} : { LEGO_CA_CERTIFICATES: AUTHORITY_FILE }),
                    PORT: String(PORT),
                    READY_FILE,
                },
                mounts: [{ kind: "volume", volume: args.volume, target: CERTIFICATES_FOLDER }],
                configs: authorities,
                ...oneAtATime(["test", "-e", READY_FILE], FIRST_SECONDS),
            },
            { parent: this },
        );
        this.registerOutputs({});
    }
}
