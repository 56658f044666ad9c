"""Measures how fast, and with how much memory, a survey is read and turned into features.

python bench/features.py CACHE_FOLDER [--f3]     (from trainer/, or with PYTHONPATH=trainer)

Writes a demo survey of 20,000 traces into the cache folder. With --f3 it also writes one of 651 x 951
traces (1.4 GB). For each survey, an own process measures three steps: opening, fitting mean and
covariance (PCA) to all traces, and the 40 features of each trace. The time for writing is printed, but
does not count. Peak memory is the process's maximum resident set.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

SIZES = {"short": (20, 20), "20k": (100, 200), "f3": (651, 951)}


def measure(folder: Path, workers: int | None) -> dict:
    """Return the seconds of each step over the survey in `folder`, and this process's peak memory in MiB."""
    from seismic.data.survey import Survey
    from seismic.learning.features import TraceFeatures, featurise_survey, fit_survey

    imported = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    marks = [time.perf_counter()]
    survey = Survey.open(folder)
    marks.append(time.perf_counter())
    transformer = fit_survey(survey, TraceFeatures(interval_us=survey.interval_us), workers=workers)
    marks.append(time.perf_counter())
    features = featurise_survey(survey, transformer, workers=workers)
    marks.append(time.perf_counter())
    opened, fitted, featurised = (after - before for before, after in pairwise(marks))
    return {
        "traces": survey.n_traces,
        "open_s": opened,
        "fit_s": fitted,
        "features_s": featurised,
        "total_s": marks[-1] - marks[0],
        "traces_per_s": survey.n_traces / (marks[-1] - marks[0]),
        "result_mib": features.nbytes / 2**20,
        "imports_mib": imported,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("cache", type=Path, help="folder the surveys are written to, and kept in")
    parser.add_argument("--f3", action="store_true", help="also the size of the F3 survey, 619,101 traces")
    parser.add_argument("--short", action="store_true", help="only 400 traces: for the tests, no figures")
    parser.add_argument("--workers", type=int, help="threads (default: one per processor)")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.cache, options.workers)))
        return
    from seismic.demo.survey import write_demo

    for name in ("short",) if options.short else ("20k", "f3") if options.f3 else ("20k",):
        inlines, crosslines = SIZES[name]
        folder = options.cache / name
        began = time.perf_counter()
        written = write_demo(folder, inlines=inlines, crosslines=crosslines, seed=7)
        state = f"generated in {time.perf_counter() - began:.1f} s" if written else "was there"
        print(f"{name}: {state}", flush=True)
        command = [sys.executable, __file__, str(folder), "--measure"]
        if options.workers:
            command += ["--workers", str(options.workers)]
        result = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
        print(
            f"{name}: {result['traces']} traces in {result['total_s']:.2f} s "
            f"({result['traces_per_s']:,.0f} traces/s): open {result['open_s']:.2f}, "
            f"fit {result['fit_s']:.2f}, features {result['features_s']:.2f}; "
            f"peak {result['peak_mib']:.0f} MiB, of which imports {result['imports_mib']:.0f} "
            f"and the result {result['result_mib']:.0f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
