import { z } from "zod";

import { IMAGE_PART, line, scalar } from "./types";

/** The trainer of a stack whose configuration names none. */
export const FIRST_TRAINER = { path: "trainer", package: "seismic" };

/** The image gets the folder's name, so the name must be valid for an image. `..` and a leading `/` are not valid. */
export const TRAINER_FOLDER = new RegExp(`^${IMAGE_PART}(?:/${IMAGE_PART})*$`);
const PACKAGE = /^[A-Za-z_][A-Za-z0-9_]*$/;

export const trainer = z
    .strictObject({
        /** The folder from which the image is built, relative to the project. */
        path: z
            .string()
            .regex(TRAINER_FOLDER, {
                error: "needs a folder within the project such as examples/tabular: lowercase letters, digits, '.', '_', '-'",
            })
            .default(FIRST_TRAINER.path),
        /** The Python package in that folder, whose modules are run. */
        package: z
            .string()
            .regex(PACKAGE, { error: "needs the name of a Python package, without dots, such as tabular" })
            .default(FIRST_TRAINER.package),
        /** Settings for the trainer. Only the trainer knows their meaning. */
        settings: z.record(line("a name"), scalar).default({}),
    })
    .prefault({});

/** The trainer that a stack runs. */
export type Trainer = z.output<typeof trainer>;
