import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type Docker from "dockerode";

import { shellText } from "../../common/shellText";
import type { RegistryConfig } from "../../config/registry/registry";
import type { RegistryLogin } from "../../config/registry/login";
import { durableVolume } from "../service/durableVolume";
import { configFile, engineSecret, secretFile } from "../service/engineSecret";
import { answersOn } from "../service/healthcheck";
import { oneAtATime } from "../service/oneAtATime";
import { SwarmService } from "../service/swarmService";
import { APP_USER } from "../service/users";
import { type Deployment, labels, LABELS_STAY } from "../stack/deployment";
import { DOOR_PORT, mayPush, PUSHERS_FILE, renderDoor } from "./imageDoor";
import type { ImageStore } from "../stack/imageStore";
import { doorSource, IMAGE_DOOR_ROLE, ownAddress } from "./images";
import { SourceImage } from "../image/sourceImage";

/** The registry's physical role. */
const STORE_ROLE = "image-store";
/** The registry's port inside its network. */
const STORE_PORT = 5000;
const PASSWORD_LENGTH = 32;
/** The name that signs in for a push. */
const PUSHER = "stack";
const CONFIG_FILE = "/etc/haproxy/door.cfg";
const DOOR = shellText("gateway/front.sh");

/** The name of the resource with the password for a push. */
export function pushPasswordName(store: string): string {
    return `${store}-password`;
}

export interface BuiltInStoreArgs {
    deployment: Deployment;
    config: RegistryConfig;
}

/**
 * A registry of the stack's own: Debian's docker-registry, with its images on a volume. Each node has a door to it at
 * the same local address. Engines trust a local address without a certificate, so no engine is configured for it.
 */
export class BuiltInStore extends pulumi.ComponentResource implements ImageStore {
    readonly engine: Docker;
    readonly address: string;
    readonly pushAddress: string;
    readonly login: pulumi.Output<RegistryLogin | undefined>;
    /** The registry and its doors. */
    readonly services: readonly { service: SwarmService }[];

    constructor(name: string, args: BuiltInStoreArgs, opts?: pulumi.ComponentResourceOptions) {
        super("seismic:platform:BuiltInStore", name, {}, opts);
        const { config } = args;
        // What these two run cannot come from the registry.
        const deployment = { ...args.deployment, images: undefined };
        const { base } = deployment;
        this.engine = deployment.engine;
        this.address = ownAddress(config);
        // Another name of the same door, at which it asks for a password.
        this.pushAddress = this.address.replace("127.0.0.1", "127.0.0.2");
        const network = this.network(name, deployment);
        const volume = durableVolume(`${name}-volume`, deployment, STORE_ROLE, this);
        const image = new SourceImage(
            `${name}-image`,
            { context: "images/image-store", repository: "seismic-mlops/image-store", base },
            { parent: this },
        );
        const store = new SwarmService(
            STORE_ROLE,
            {
                ...{ deployment, network, role: STORE_ROLE },
                image: image.reference,
                user: APP_USER,
                command: ["docker-registry", "serve", "/etc/image-store.yml"],
                mounts: [{ kind: "volume", volume: volume.name, target: "/images" }],
                ...oneAtATime(answersOn(STORE_PORT, "/v2/")),
            },
            { parent: this },
        );
        const { result: password } = new random.RandomPassword(
            pushPasswordName(name),
            { length: PASSWORD_LENGTH, special: false },
            { parent: this },
        );
        const door = this.door(name, { deployment, config, network }, password);
        this.services = [{ service: store }, { service: door }];
        this.login = pulumi
            .all([password, store.healthy, door.healthy])
            .apply(([it]) => ({ username: PUSHER, password: it }));
        this.registerOutputs({});
    }

    /** Only the registry and its doors are in this network. */
    private network(name: string, deployment: Deployment): pulumi.Output<string> {
        return new docker.Network(
            `${name}-network`,
            {
                name: `${deployment.prefix}-images`,
                driver: "overlay",
                labels: labels(deployment, "images-network"),
            },
            { parent: this, ...LABELS_STAY },
        ).id;
    }

    private door(
        name: string,
        { deployment, config, network }: BuiltInStoreArgs & { network: pulumi.Output<string> },
        password: pulumi.Output<string>,
    ): SwarmService {
        const { base } = deployment;
        const image = new SourceImage(`${name}-door`, { ...doorSource(config), base }, { parent: this });
        const pushers = password.apply((it) => mayPush(PUSHER, it));
        return new SwarmService(
            IMAGE_DOOR_ROLE,
            {
                ...{ deployment, network, role: IMAGE_DOOR_ROLE },
                // By its source alone: another base must not change what every node has to have beforehand.
                image: image.reference.apply(() => image.tag),
                user: "haproxy",
                command: ["sh", "-c", DOOR, "front", CONFIG_FILE],
                secrets: [secretFile(engineSecret(deployment, "pushers", pushers, this), PUSHERS_FILE)],
                configs: [
                    configFile(
                        deployment,
                        IMAGE_DOOR_ROLE,
                        renderDoor(STORE_ROLE, STORE_PORT),
                        CONFIG_FILE,
                        this,
                    ),
                ],
                ...oneAtATime(["bash", "-c", `: > /dev/tcp/127.0.0.1/${DOOR_PORT}`], 10),
                where: "anywhere",
                onEach: true,
                ports: [{ published: config.port!, target: DOOR_PORT }],
            },
            { parent: this },
        );
    }
}
