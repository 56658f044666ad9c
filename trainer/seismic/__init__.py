"""Classification of seismic traces: the code that trains a model and the code that serves it."""
