import { z } from "zod";

import { line, scalar } from "./types";

/** The trainer of a stack whose configuration names none. */
export const FIRST_TRAINER = { path: "trainer", package: "seismic" };

/** The folder names the image, so that it has to be what an image may be called; `..` and a leading `/` are not. */
const PART = "[a-z0-9]+(?:(?:[.]|__?|-+)[a-z0-9]+)*";
const FOLDER = new RegExp(`^${PART}(?:/${PART})*$`);
const PACKAGE = /^[A-Za-z_][A-Za-z0-9_]*$/;

export const trainer = z
    .strictObject({
        /** The folder that makes the image, relative to the project. */
        path: z
            .string()
            .regex(FOLDER, {
                error: "needs a folder within the project such as examples/tabular: lowercase letters, digits, '.', '_', '-'",
            })
            .default(FIRST_TRAINER.path),
        /** The Python package in that folder, whose modules are run. */
        package: z
            .string()
            .regex(PACKAGE, { error: "needs the name of a Python package, without dots, such as tabular" })
            .default(FIRST_TRAINER.package),
        /** What the trainer is told, of which only the trainer knows the meaning. */
        settings: z.record(line("a name"), scalar).default({}),
    })
    .prefault({});

/** Which trainer a stack runs. */
export type Trainer = z.output<typeof trainer>;
