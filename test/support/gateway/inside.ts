import { READER_PORT } from "../../../components/gateway/inside";
import type { Login, RegistryReader } from "../../../components/gateway/insiders";
import type { Gateway, GatewayArgs } from "../../../components/gateway/gateway";
import { mlflowEndpoint } from "../../../components/registry/modelRegistry";
import { parseConfig } from "../../../config/parse";
import * as pulumi from "@pulumi/pulumi";

/** The part of a gateway's arguments about the networks, for a stack with nothing but serving. */
export function onlyServing(): Pick<GatewayArgs, "networks" | "inside" | "registry"> {
    const { mlflow } = parseConfig({ environment: "dev" });
    return {
        networks: { front: "front-id", registry: "registry-id" },
        inside: {
            insiders: ["serving"],
            registry: mlflowEndpoint(mlflow),
            scraped: [],
            alerted: undefined,
        },
        registry: "known",
    };
}

/** The login of a service, as a gateway would give it. */
export function loginOf(user: Login["user"]): Login {
    return { user, password: { id: "s", name: "s", target: "/run/secrets/registry-password" } };
}

/** The reader of the registry for a service, as a gateway would give it. */
export function readerOf(user: Login["user"]): RegistryReader {
    return { ...loginOf(user), trackingUri: pulumi.output(`http://access:${READER_PORT}`) };
}

/** The ways of a gateway that lets every service in. */
export function letsIn(): Pick<Gateway, "login" | "reader"> {
    return { login: loginOf, reader: readerOf };
}
