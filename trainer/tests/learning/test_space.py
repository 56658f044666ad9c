from kit.learning.space import Range
from seismic.learning.classifiers import BOOSTING, LOGISTIC, SPACE
from seismic.training.learner import steps


def test_every_start_lies_in_the_space():
    assert {start["classifier"] for start in SPACE.starts} == {BOOSTING, LOGISTIC} == set(SPACE.kinds)
    for start in SPACE.starts:
        SPACE.check(start)
        for name, span in SPACE.kinds[start["classifier"]].items():
            if isinstance(span, Range):
                assert span.low <= start[name] <= span.high


def test_every_parameter_reaches_its_classifier():
    for start in SPACE.starts:
        (_, classifier) = steps(start, 7)[-1]
        given = set(map(str, classifier.get_params().values()))
        numbers = {str(value) for name, value in start.items() if name not in ("classifier", "class_weight")}
        assert numbers <= given
        assert classifier.random_state == 7
