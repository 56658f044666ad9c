"""What a survey is like: a report that is kept with each training run."""

from typing import Any

from seismic.survey import Survey


def quality_report(survey: Survey) -> dict[str, Any]:
    """Counts of a survey, JSON-serialisable."""
    return {"traces": survey.n_traces, "samples": survey.n_samples, "dead": int(survey.dead.sum())}
