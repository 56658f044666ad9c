import { imageTag } from "../../components/sourceImage";
import { trainerImage } from "../../components/trainer";
import { FIRST_TRAINER } from "../../configTrainer";
import { ensureEngine } from "../../scripts/setup/engine";
import { buildImage } from "../../scripts/setup/imageBuild";
import { prepare } from "../../scripts/setup/prepare";
import { benchTrainer } from "../e2e/benches";

const IMAGE = { context: FIRST_TRAINER.path, repository: trainerImage(FIRST_TRAINER) };

describe("the benches of a trainer's image", () => {
    it("measure it, each of them shortened", async () => {
        await prepare();
        const tag = imageTag(IMAGE);
        await buildImage((await ensureEngine()).docker, { tag, context: IMAGE.context }, () => undefined);
        await benchTrainer(tag);
    });
});
