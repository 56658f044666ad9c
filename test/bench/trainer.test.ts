import { imageTag } from "../../components/image/sourceImage";
import { trainerSource } from "../../components/image/trainer";
import { FIRST_TRAINER } from "../../config/trainer";
import { buildContext } from "../../releases/buildContext";
import { KIT } from "../../releases/kit";
import { ensureEngine } from "../../cli/setup/engine";
import { buildImage } from "../../cli/setup/imageBuild";
import { prepare } from "../../cli/setup/prepare";
import { benchTrainer } from "../support/bench/benches";

const IMAGE = trainerSource({ trainer: FIRST_TRAINER.path, kit: KIT }, FIRST_TRAINER);

describe("the benches of a trainer's image", () => {
    it("measure it, each of them shortened", async () => {
        await prepare();
        const tag = imageTag(IMAGE);
        const context = buildContext(IMAGE.context, IMAGE.kit);
        await buildImage((await ensureEngine()).docker, { tag, context }, () => undefined);
        await benchTrainer(tag);
    });
});
