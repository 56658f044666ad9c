/** Trainers that fail: the failure, the text of train.py, and the messages of `up`. */
export const BROKEN_TRAINERS: readonly [string, string, (string | RegExp)[]][] = [
    [
        "that exits with an error",
        'import sys; print("cannot go on: disk on fire", file=sys.stderr); sys.exit(7)',
        ["the training run failed: exit code 7", "| cannot go on: disk on fire"],
    ],
    ["that prints no result", 'print("all done")', ["printed no result", "| all done"]],
    [
        "that takes all its memory",
        "x = [bytearray(10_000_000) for _ in range(10_000)]",
        [/killed for memory: exit code 137; raise training.limits.memory/],
    ],
    [
        "that takes too long",
        'import sys, time; print("waiting", file=sys.stderr, flush=True); time.sleep(600)',
        ["training.timeout: the run took longer than 5s and was stopped"],
    ],
];
