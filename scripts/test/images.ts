/** Leaves no image behind that only the tests made. */
import type Docker from "dockerode";
import { PROJECT } from "../setup/paths";

export async function withoutNewImages<T>(docker: Docker, work: () => Promise<T>): Promise<T> {
    const before = new Set(await testedImages(docker));
    try {
        return await work();
    } finally {
        for (const tag of await testedImages(docker)) {
            if (!before.has(tag)) {
                await docker.getImage(tag).remove();
            }
        }
    }
}

/** Tags of the trainers' images, and of those that only tests have a use for. */
async function testedImages(docker: Docker): Promise<string[]> {
    const reference = [`${PROJECT}/trainer`, `${PROJECT}/examples-*`, `${PROJECT}/e2e-*`];
    const images = await docker.listImages({ filters: { reference } });
    return images.flatMap(({ RepoTags }) => RepoTags ?? []);
}
