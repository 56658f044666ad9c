"""The entrance of this package: the function that a fitted pipeline predicts with."""

import logging

from sklearn.pipeline import Pipeline

from kit.serving.probabilities import Probabilities, stepwise
from seismic.inference.compiled import check_equal, compile_pipeline, probes

log = logging.getLogger("serving")


def predictor(pipeline: Pipeline, what: str, compiled: bool = True) -> Probabilities:
    """The compiled pipeline, or the pipeline's own probabilities.

    Without `compiled`, and where the compiled pipeline does not give the same, scikit-learn's code predicts.
    In the second case the log says why; `what` names the model there.
    """
    own = stepwise(pipeline)
    if not compiled:
        return own
    try:
        found = compile_pipeline(pipeline)
        check_equal(found, own, probes(pipeline))
    except Exception as error:
        # After any error, the pipeline itself predicts: slow answers are better than none.
        log.warning("%s is served by scikit-learn's own code, which is slower: %s", what, error)
        return own
    return found
