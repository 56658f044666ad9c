"""The survey as the data of a training run."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from kit.contract.protocol import progress
from seismic.data.errors import SurveyError
from seismic.data.segy.file import pair_keys
from seismic.data.survey import Survey
from seismic.judging.judgement import FAIL, WARN, reasons
from seismic.judging.quality import quality_report
from seismic.training.settings import Settings

log = logging.getLogger("train")


@dataclass(frozen=True)
class SurveyData:
    """A survey and its quality report. See `kit.training.learner.Data`; a row is a trace."""

    survey: Survey
    quality: Mapping[str, Any]

    @property
    def sha256(self) -> str:
        """The survey's hash."""
        return self.survey.sha256

    @property
    def facts(self) -> dict[str, Any]:
        """The survey's size."""
        survey = self.survey
        return {"traces": survey.n_traces, "samples": survey.n_samples, "interval_us": survey.interval_us}

    def rows(self, where: np.ndarray) -> np.ndarray:
        """Traces, float32 (len(where), n_samples)."""
        return self.survey.read(where)

    def targets(self, where: np.ndarray) -> np.ndarray:
        """The classes of labelled traces, (len(where),) of str."""
        return np.array(self.survey.classes)[self.survey.labels[where]]

    def described(self) -> list[str]:
        """The survey's form, what is left out, labels and amplitudes, as lines of Markdown."""
        quality = self.quality
        labels = quality["labels"]
        counts = ", ".join(
            f"{name} {count:,} ({labels['shares'][name]:.1%})" for name, count in labels["counts"].items()
        )
        geometry, files = quality["geometry"]["kind"], len(quality["files"])
        dead, nonfinite, far = (quality[kind]["count"] for kind in ("dead", "nonfinite", "out_of_range"))
        lines = [
            f"- {quality['traces']:,} traces of {quality['samples_per_trace']} samples, one each "
            f"{quality['interval_us']} µs, {geometry}, in {files} file{'' if files == 1 else 's'}",
            f"- left out: {dead:,} dead, {nonfinite:,} with NaN or infinity, {far:,} out of range",
            f"- labelled: {labels['labelled']:,}, of them {counts}; not labelled: {labels['unlabelled']:,}",
        ]
        if amplitude := quality["amplitude"]:
            lines.append(
                f"- amplitudes: mean {amplitude['mean']:.4g}, standard deviation {amplitude['std']:.4g}, "
                f"from {amplitude['min']:.4g} to {amplitude['max']:.4g}"
            )
        return lines

    def doubts(self) -> list[str]:
        """The report's notes, and its warnings."""
        return [*self.quality["notes"], *reasons(self.quality, WARN)]


def read(settings: Settings) -> SurveyData:
    """Open the survey, and read all its traces once.

    Raises
    ------
    SurveyError
        for everything that is wrong with the survey, and when the report's verdict is "fail".
    """
    progress("reading", 0, 1, str(settings.data_dir))
    survey = Survey.open(settings.data_dir, settings.trainer_settings)
    quality = quality_report(survey)
    shape = f"{survey.n_traces:,} traces x {survey.n_samples} samples"
    files = f"{len(survey.files)} file{'s' if len(survey.files) > 1 else ''}"
    log.info("survey: %s, %s, %s", shape, survey.geometry_kind, files)
    warn(survey, quality)
    if failed := list(reasons(quality, FAIL)):
        raise SurveyError(
            f"{survey.folder}: the survey is not good enough to learn from: {'; '.join(failed)}"
        )
    progress("reading", 1, 1, shape)
    return SurveyData(survey, quality)


def warn(survey: Survey, quality: dict[str, Any]) -> None:
    """Log facts that are no errors but may be unintended: doubts, omitted traces, crowded places."""
    for note in (*survey.notes, *reasons(quality, WARN)):
        log.warning("%s", note)
    dead, nonfinite, out_of_range = (
        int(flags.sum()) for flags in (survey.dead, survey.nonfinite, survey.out_of_range)
    )
    if dead or nonfinite or out_of_range:
        log.warning(
            "traces left out: %d dead, %d with NaN or infinity, %d out of range",
            dead,
            nonfinite,
            out_of_range,
        )
    places = np.unique(pair_keys(survey.geometry["inline"], survey.geometry["crossline"])).size
    if survey.geometry_kind != "unstructured" and places < survey.n_traces:
        log.warning(
            "%d traces have %d different places (trace header bytes %d and %d, for 2D lines %d): "
            "labels by inline and crossline go to every trace of a place",
            survey.n_traces, places, survey.settings.inline_byte, survey.settings.crossline_byte,
            survey.settings.cdp_byte,
        )  # fmt: skip
