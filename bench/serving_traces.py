"""Traces for bench/serving.ts, and the models of the seismic trainer that classify them."""

CLASSES = ("normal", "anomaly", "boundary")
SAMPLES = 462


def trainer():
    """What the trainer gives to the kit's service."""
    from seismic.serving.trainer import TRAINER

    return TRAINER


def fit(model: str):
    """A fitted pipeline as the trainer makes it, and the traces (3000, 462) float32 that it learnt from."""
    from seismic.learning.features import TraceFeatures
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import StandardScaler

    classifiers = {
        "logistic": LogisticRegression(max_iter=500),
        "boosting": HistGradientBoostingClassifier(random_state=7, early_stopping=False),
    }
    traces, labels = _drawn(3000, 7)
    steps = [("features", TraceFeatures()), ("scale", StandardScaler()), ("classifier", classifiers[model])]
    return Pipeline(steps).fit(traces, labels), traces


def document(server: str, rows: int, seed: int) -> dict:
    """The JSON of a request. A client prints float32 amplitudes with 7 significant digits."""
    traces = [[float(f"{value:.7g}") for value in trace] for trace in _drawn(rows, seed)[0].tolist()]
    if server == "mlflow":
        return {"inputs": traces}
    return {"trace": traces[0]} if rows == 1 else {"traces": traces}


def _drawn(rows: int, seed: int):
    """Wavelets in noise, and their labels. Loud ones are anomalies, and late ones are boundaries."""
    import numpy as np

    generator = np.random.default_rng(seed)
    labels = np.array(CLASSES)[generator.integers(0, 3, rows)]
    time_axis = np.arange(SAMPLES)
    start = np.where(labels == "boundary", 300, 100)[:, None] + generator.normal(0, 60, (rows, 1))
    loud = np.where(labels == "anomaly", 3.0, 1.0)[:, None] * generator.lognormal(0, 0.5, (rows, 1))
    wave = np.sin((time_axis - start) * 0.3) * np.exp(-(((time_axis - start) / 60) ** 2))
    return (1000 * (loud * wave + generator.normal(0, 0.5, wave.shape))).astype(np.float32), labels
