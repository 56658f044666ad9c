/**
 * Differences between the engine and a stack's state: services that only the engine knows, and an image that is gone.
 */
import type Docker from "dockerode";
import { hasImage } from "../../engine/client";
import type { Environment } from "../setup/prepare";
import { ask } from "./ask";
import { failed, note, type Finding } from "./finding";

/** The stack's state and engine, which both answer. */
export interface LeftoverLook {
    readonly name: string;
    readonly docker: Docker;
    readonly services: readonly Docker.Service[];
    /** The image of the newest release. */
    readonly image: string | undefined;
}

export async function leftovers(
    look: LeftoverLook,
    { pulumi, env }: Environment,
    limitMs: number,
): Promise<Finding[]> {
    const { name, docker, services, image } = look;
    const args = ["stack", "--show-ids", "--stack", name, "--non-interactive"];
    const [shown, isThere] = await Promise.all([
        services.length === 0 ? undefined : ask(pulumi, args, limitMs, env),
        image === undefined || services.length === 0 ? true : hasImage(docker, image),
    ]);
    return [
        ...(shown?.code === 0 ? strays(name, services, shown.stdout) : []),
        ...(isThere ? [] : [goneImage(name, image!)]),
    ];
}

/**
 * Services that only the engine knows, because an `up` was killed before it could tell the state. The next `up` finds
 * their names taken.
 */
export function strays(name: string, services: readonly Docker.Service[], shown: string): Finding[] {
    const unknown = services.filter(({ ID }) => !shown.includes(ID)).map(({ Spec }) => Spec?.Name);
    return unknown.length === 0
        ? []
        : [
              note(
                  `${name}, services`,
                  `not in its state: ${unknown.join(", ")}; an update is under way, or was killed`,
                  `Once none is under way: docker service rm ${unknown.join(" ")}`,
              ),
          ];
}

/** The running tasks still have the image, but a task that starts again does not find it. */
export function goneImage(name: string, image: string): Finding {
    return failed(
        `${name}, image`,
        `${image} was removed from the engine; a task that starts anew fails with "No such image"`,
        `pulumi up --refresh --stack ${name}`,
    );
}
