/** Removes the images that only the tests made. */
import type Docker from "dockerode";
import { PROJECT } from "../local/paths";
import { removeImages } from "./leftovers";

export async function withoutNewImages<T>(docker: Docker, work: () => Promise<T>): Promise<T> {
    const before = new Set(await testedImages(docker));
    try {
        return await work();
    } finally {
        const made = (await testedImages(docker)).filter((tag) => !before.has(tag));
        const used = await removeImages(docker, made);
        if (used.length > 0) {
            console.error(`Images that something still uses are left: ${used.join(", ")}`);
        }
    }
}

/** Tags of the trainers' images, and of images that only tests use. With `made`, only those that were made then. */
export async function testedImages(
    docker: Docker,
    made: { readonly since: number; readonly until: number } = { since: 0, until: Infinity },
): Promise<string[]> {
    const reference = [
        `${PROJECT}/trainer`,
        `${PROJECT}/examples-*`,
        `${PROJECT}/e2e-*`,
        `${PROJECT}/test-*`,
    ];
    const images = await docker.listImages({ filters: { reference } });
    return images
        .filter(({ Created }) => Created * 1000 >= made.since && Created * 1000 <= made.until)
        .flatMap(({ RepoTags }) => RepoTags ?? []);
}
