import { imageTag } from "../../components/image/sourceImage";
import { trainerImage } from "../../components/image/trainer";
import { FIRST_TRAINER } from "../../config/trainer";
import { ensureEngine } from "../../cli/setup/engine";
import { buildImage } from "../../cli/setup/imageBuild";
import { prepare } from "../../cli/setup/prepare";
import { benchTrainer } from "../support/bench/benches";

const IMAGE = { context: FIRST_TRAINER.path, repository: trainerImage(FIRST_TRAINER) };

describe("the benches of a trainer's image", () => {
    it("measure it, each of them shortened", async () => {
        await prepare();
        const tag = imageTag(IMAGE);
        await buildImage((await ensureEngine()).docker, { tag, context: IMAGE.context }, () => undefined);
        await benchTrainer(tag);
    });
});
