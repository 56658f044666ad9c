import { readFileSync } from "node:fs";
import { join } from "node:path";

const IMAGES = join(__dirname, "..", "images");

/**
 * The commands of a shell file below `images/`, without the comment at its head, for `sh -c` in a container whose image
 * may be older than the file.
 *
 * @param file below `images/`: "service/probe.sh"
 */
export function shellText(file: string): string {
    const text = readFileSync(join(IMAGES, file), "utf8");
    return text.replace(/^(#.*\n|\n)+/, "").trim();
}
