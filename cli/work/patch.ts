/**
 * Lists the Debian packages of a stack's images that have newer versions, and makes the base image again with these.
 */
import { mistake } from "../../common/mistake";
import { baseIdentity, BASE_IMAGE } from "../../engine/baseImage";
import { connect } from "../../engine/client";
import { openStack } from "../stack/stack";
import { changedPackages, newerThan, packagesOf, type Packages } from "../upkeep/patching";
import { servedImages } from "../upkeep/images";
import { renewBaseImage } from "../setup/baseImage";
import { step } from "../terminal/steps";

export async function patch(given: { stack: string; yes: boolean }): Promise<number> {
    const stack = await openStack(given.stack);
    const engine = await connect(stack.host);
    const before = await baseIdentity(engine);
    if (before === undefined) {
        throw mistake(`There is no ${BASE_IMAGE} on the engine yet; run: npm run setup`);
    }
    const images = await servedImages(engine, stack.owner);
    const found = new Map<string, Packages>();
    for (const image of [BASE_IMAGE, ...images]) {
        found.set(image, await step(`${image}, ask Debian`, () => newerThan(engine, image)));
    }
    show(found);
    const all = [...found.values()].reduce((sum, { size }) => sum + size, 0);
    if (!given.yes) {
        console.log(all > 0 ? "\nTo take them: --yes" : "\nNothing is newer.");
        return 0;
    }
    const old = await packagesOf(engine, BASE_IMAGE);
    await renewBaseImage(engine);
    const changes = changedPackages(old, await packagesOf(engine, BASE_IMAGE));
    console.log([`\n${BASE_IMAGE}:`, ...changes.map((line) => `  ${line}`)].join("\n"));
    if (changes.length === 0) {
        console.log("  the same packages");
    }
    console.log(`\nBuild the images on it, and roll them out:\n  pulumi up --stack ${stack.name}`);
    return 0;
}

function show(found: ReadonlyMap<string, Packages>): void {
    for (const [image, newer] of found) {
        const lines = [...newer].map(([name, versions]) => `  ${name} ${versions}`);
        console.log([`\n${image}: ${lines.length} newer`, ...lines].join("\n"));
    }
}
