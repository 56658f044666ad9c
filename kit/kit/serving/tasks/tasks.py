"""Which task a fitted pipeline has."""

from sklearn.pipeline import Pipeline

from kit.registry.kind import CLASSIFICATION, kind_of
from kit.serving.tasks.classification import Classification
from kit.serving.tasks.regression import Regression
from kit.serving.tasks.task import Task


def task_of(pipeline: Pipeline) -> Task:
    """The task of a fitted pipeline. Raises TypeError if it is neither a classifier nor a regressor."""
    kind = kind_of(pipeline)
    return Classification(kind.classes) if kind.name == CLASSIFICATION else Regression()
