"""Write a demo survey: SEG-Y and labels of a made-up earth, for a first run and for tests.

python -m seismic.demo --out DIR --traces 20000 --seed 7
"""

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from seismic.data.errors import SurveyError
from seismic.data.folder import find_files
from seismic.data.labels import LABELS_NAME
from seismic.demo.geology import CLASSES, Geology
from seismic.demo.segy_writer import file_headers, trace_records

MANIFEST, SEGY_NAME = "demo.json", "demo.sgy"
# Raise it when the same parameters give another survey.
VERSION = 2
UNLABELLED = 0.02


def write_demo(
    folder: Path | str,
    *,
    inlines: int = 100,
    crosslines: int = 200,
    samples: int = 462,
    seed: int = 7,
    interval_us: int = 4000,
    format: int = 1,
    environment: str = "dev",
    progress: Callable[[int, int], None] | None = None,
) -> bool:
    """Write a survey of inlines x crosslines traces into a folder, with one inline in memory at a time.

    `format` is 1 (IBM float) or 5 (IEEE float). Returns False, and writes nothing, if the folder has this
    very survey already. A demo survey with other parameters is replaced. Raises SurveyError if the folder has
    SEG-Y files or labels of somebody else, ValueError for a senseless size.
    """
    if min(inlines, crosslines) < 1 or samples < 2 or samples > 65535 or not 0 < interval_us < 65536:
        raise ValueError(
            f"no survey has {inlines} x {crosslines} traces with {samples} samples at {interval_us} us"
        )
    if format not in (1, 5):
        raise ValueError(f"format {format} is neither 1 (IBM float) nor 5 (IEEE float)")
    folder = Path(folder)
    parameters = {
        "version": VERSION, "inlines": inlines, "crosslines": crosslines, "samples": samples, "seed": seed,
        "interval_us": interval_us, "format": format, "environment": environment,
    }  # fmt: skip
    if _is_there(folder, parameters):
        return False
    folder.mkdir(parents=True, exist_ok=True)
    # The unfinished manifest marks the following files as ours, so an interrupted run can be repeated.
    _write_manifest(folder, parameters, complete=False)
    parts = {name: folder / f"{name}.part" for name in (SEGY_NAME, LABELS_NAME)}
    _write_files(parts, parameters, progress)
    for name, part in parts.items():
        os.replace(part, folder / name)
    _write_manifest(folder, parameters, complete=True)
    return True


def _is_there(folder: Path, parameters: dict) -> bool:
    if not folder.exists():
        return False
    manifest, segy, labels = (folder / name for name in (MANIFEST, SEGY_NAME, LABELS_NAME))
    ours = {SEGY_NAME, LABELS_NAME} if manifest.exists() else set()
    survey = {path.name for path in folder.iterdir() if path.suffix.lower() in (".sgy", ".segy")}
    if labels.exists():
        survey.add(LABELS_NAME)
    if foreign := sorted(survey - ours):
        raise SurveyError(
            f"{folder}: it holds {', '.join(foreign[:5])}, which no demo run wrote; give an empty folder for "
            "the demo survey"
        )
    if survey != ours or not ours:
        return False
    try:
        found = json.loads(manifest.read_text())
    except ValueError as error:
        raise SurveyError(f"{manifest}: it is not JSON ({error}); remove that demo survey") from error
    complete = {"complete": True, **parameters, "bytes": _size(parameters)}
    return found == complete and segy.stat().st_size == _size(parameters)


def _size(parameters: dict) -> int:
    return 3600 + parameters["inlines"] * parameters["crosslines"] * (240 + 4 * parameters["samples"])


def _write_manifest(folder: Path, parameters: dict, *, complete: bool) -> None:
    text = json.dumps({"complete": complete, **parameters, "bytes": _size(parameters)}, indent=2)
    part = folder / f"{MANIFEST}.part"
    part.write_text(text + "\n")
    os.replace(part, folder / MANIFEST)


def _write_files(
    parts: dict[str, Path], parameters: dict, progress: Callable[[int, int], None] | None
) -> None:
    inlines, crosslines, samples = (parameters[name] for name in ("inlines", "crosslines", "samples"))
    seed, interval_us = parameters["seed"], parameters["interval_us"]
    geology = Geology(inlines, crosslines, samples, interval_us, seed)
    names = np.array(CLASSES)
    with parts[SEGY_NAME].open("wb") as segy, parts[LABELS_NAME].open("w", newline="") as table:
        segy.write(file_headers(samples, interval_us, parameters["format"], _title(parameters)))
        table.write("inline,crossline,label\n")
        for number in range(inlines):
            traces, classes = geology.inline(number)
            first = number * crosslines
            segy.write(trace_records(traces, first, number + 1, interval_us, parameters["format"]))
            labelled = np.random.default_rng([seed, 3, number]).random(crosslines) >= UNLABELLED
            lines = zip(np.flatnonzero(labelled) + 1, names[classes[labelled]], strict=True)
            table.writelines(f"{number + 1},{crossline},{label}\n" for crossline, label in lines)
            if progress:
                progress(number + 1, inlines)


def _title(parameters: dict) -> list[str]:
    return [
        "DEMO SURVEY - MADE-UP DATA, NOT RECORDED ANYWHERE",
        f"ENVIRONMENT {parameters['environment']}   SEED {parameters['seed']}   GENERATOR {VERSION}",
        f"INLINES 1 TO {parameters['inlines']}   CROSSLINES 1 TO {parameters['crosslines']}",
        f"{parameters['samples']} SAMPLES AT {parameters['interval_us']} MICROSECONDS",
        "INLINE BYTES 189-192   CROSSLINE BYTES 193-196   X BYTES 181-184   Y BYTES 185-188",
    ]


def main(arguments: list[str] | None = None) -> int:
    """The command line; returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m seismic.demo", description="Write a demo survey.")
    parser.add_argument("--out", type=Path, required=True, help="folder to write it into")
    parser.add_argument("--traces", type=int, default=20_000, help="number of traces (about; default 20000)")
    parser.add_argument(
        "--inlines", type=int, help="number of inlines; with --crosslines, instead of --traces"
    )
    parser.add_argument("--crosslines", type=int, help="number of crosslines")
    parser.add_argument("--samples", type=int, default=462, help="samples per trace (default 462, at 4 ms)")
    parser.add_argument("--seed", type=int, default=7, help="decides the whole survey (default 7)")
    parser.add_argument("--environment", default="dev", help="recorded in the survey's header")
    parser.add_argument("--format", type=int, default=1, choices=(1, 5), help="1 IBM float, 5 IEEE float")
    options = parser.parse_args(arguments)
    if (options.inlines is None) != (options.crosslines is None):
        parser.error("give both --inlines and --crosslines, or --traces")
    inlines = options.inlines or max(1, round((options.traces / 2) ** 0.5))
    crosslines = options.crosslines or max(1, round(options.traces / inlines))
    try:
        written = write_demo(
            options.out, inlines=inlines, crosslines=crosslines, samples=options.samples, seed=options.seed,
            format=options.format, environment=options.environment, progress=_show,
        )  # fmt: skip
    except (SurveyError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    count = len(find_files(options.out).paths)
    state = "written" if written else "was there already"
    print(f"{options.out}: {inlines} x {crosslines} traces in {count} file, {state}", file=sys.stderr)
    return 0


def _show(done: int, total: int) -> None:
    if done % max(1, total // 10) == 0 or done == total:
        print(f"demo survey: inline {done} of {total}", file=sys.stderr, flush=True)
