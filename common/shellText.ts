import { readFileSync } from "node:fs";
import { join } from "node:path";

const IMAGES = join(__dirname, "..", "images");

/**
 * The commands of a shell file below `images/`, for `sh -c` in a container. The image of this
 * container may be older than the file. The comment at the head of the file is left out.
 *
 * @param file below `images/`: "service/probe.sh"
 */
export function shellText(file: string): string {
    const text = readFileSync(join(IMAGES, file), "utf8");
    return text.replace(/^(#.*\n|\n)+/, "").trim();
}
