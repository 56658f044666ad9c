"""Rows of a table for bench/serving.ts, and the model of examples/tabular that classifies them.

The example lies beside the trainer in the container: only the seismic trainer's image has all of MLflow.
"""


def trainer():
    """What the example gives to the kit's service."""
    from tabular.serving import TRAINER

    return TRAINER


def fit(model: str):
    """A fitted pipeline as the example makes it, and the rows (3000, 13) float32 that it learnt from."""
    import numpy as np
    from kit.tables.columns import Columns
    from sklearn.pipeline import Pipeline
    from tabular.learning import SPACE, steps

    table, labels = _drawn(3000, 7)
    rows = table.to_numpy(np.float32)
    columns = ("columns", Columns(tuple(table.columns)))
    return Pipeline([columns, *steps(SPACE.starts[0], 7)]).fit(rows, labels), rows


def document(server: str, rows: int, seed: int) -> dict:
    """The JSON of a request. MLflow takes several forms, and gets the one that it answers fastest.

    One row costs it 0.25 ms without names and 0.7 ms with them; a thousand rows cost 5.5 ms and 3.7 ms.
    """
    table, _ = _drawn(rows, seed)
    if server == "mlflow" and rows == 1:
        return {"inputs": table.to_numpy().tolist()}
    if server == "mlflow":
        return {"dataframe_split": table.to_dict("split", index=False)}
    objects = table.to_dict("records")
    return {"row": objects[0]} if rows == 1 else {"rows": objects}


def _drawn(rows: int, seed: int):
    """The example's wines as a DataFrame of 13 columns, and their labels."""
    from tabular.demo import wines

    wine = wines(rows, seed)
    return wine.drop(columns="label"), wine["label"].to_numpy()
