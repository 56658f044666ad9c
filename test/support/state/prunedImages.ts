import { expect } from "chai";

import { engineWithImages } from "../engine/imageProxy";
import { succeeds } from "../expectations";
import type { TestStack } from "../stack/stack";
import type { Ended } from "../stack/types";

const UNUSED = "seismic-mlops/e2e-unused:0123456789abcdef";

export interface PrunedImagesArgs {
    stackOf: () => TestStack;
    /** The image of the stack's release. */
    imageOf: () => string;
    /** The container of MLflow. */
    mlflow: () => Promise<string>;
    /** Runs a command on the stack. */
    run: (name: string, ...args: string[]) => Promise<Ended>;
    /** Runs a command without a stack. */
    runAll: (name: string, ...args: string[]) => Promise<Ended>;
    /** Has these commands look at the engine as a stack does. */
    look: (through: TestStack) => void;
}

/** Tests which images a pruning removes. */
export function prunedImages({ stackOf, imageOf, mlflow, run, runAll, look }: PrunedImagesArgs): void {
    it("removes what no stack needs, and keeps what one goes back to", async () => {
        const [stack, image] = [stackOf(), imageOf()];
        const { docker } = stack.engine;
        const [repo, tag] = UNUSED.split(":");
        await docker.getContainer(await mlflow()).commit({ repo, tag });
        const proxy = await engineWithImages(docker, (name) => [image, UNUSED].includes(name));
        look(stack.seenFrom(stack.project, { DOCKER_HOST: proxy.address }));
        try {
            const listed = await runAll("prune", "--all");
            succeeds(listed);
            expect(listed.output).to.match(new RegExp(`image +${UNUSED} .* not needed`));
            expect(listed.output).to.match(new RegExp(`image +${image} .* release \\S+ of e2e-`));
            succeeds(await run("prune"));
            await docker.getImage(UNUSED).inspect();
            succeeds(await run("prune", "--yes"));
        } finally {
            look(stack);
            proxy.close();
        }
        await docker.getImage(image).inspect();
        const gone = await docker
            .getImage(UNUSED)
            .inspect()
            .catch((error: Error) => error.message);
        expect(gone).to.match(/No such image/);
    });
}
