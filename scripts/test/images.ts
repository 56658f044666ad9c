/** Leaves no image behind that only the tests made. */
import type Docker from "dockerode";
import { PROJECT } from "../setup/paths";

export async function withoutNewImages<T>(docker: Docker, work: () => Promise<T>): Promise<T> {
    const before = new Set(await trainerImages(docker));
    try {
        return await work();
    } finally {
        for (const tag of await trainerImages(docker)) {
            if (!before.has(tag)) {
                await docker.getImage(tag).remove();
            }
        }
    }
}

async function trainerImages(docker: Docker): Promise<string[]> {
    const images = await docker.listImages({ filters: { reference: [`${PROJECT}/trainer`] } });
    return images.flatMap(({ RepoTags }) => RepoTags ?? []);
}
