"""The hash of a fitted model. The same numbers give the same hash, on any machine.

It is not the hash of a file: pickles and archives contain memory order, timestamps and versions. These differ
between two runs that have learnt exactly the same.
"""

import enum
import hashlib
import numbers
from typing import Any

import numpy as np

# These parameters change how a fit is carried out, but not the learnt model.
IGNORED = frozenset({"n_jobs", "n_threads", "verbose", "memory", "transform_input", "_sklearn_version"})


def model_sha256(model: Any) -> str:
    """Hash everything that a fitted estimator holds: class names, parameters, learnt values.

    Arrays count as dtype, shape and bytes, in C order and little-endian. Structured arrays count field by
    field, so padding bytes do not count. The hash stays the same after saving and loading with skops. So the
    server checks a loaded model with the same function.

    Returns
    -------
    64 hexadecimal digits.

    Raises
    ------
    TypeError
        with the path of a value that has no canonical form.
    """
    digest = hashlib.sha256()
    _feed(digest, "model", model, ())
    return digest.hexdigest()


def _feed(digest, path: str, value: Any, parents: tuple[int, ...]) -> None:
    """Feed `value` into the digest. Each piece begins with its kind and length."""
    if id(value) in parents:
        raise TypeError(f"{path}: refers back to itself, so it has no canonical form")
    inner = (*parents, id(value))
    match value:
        case None:
            _piece(digest, "none", b"")
        case bool() | np.bool_():
            _piece(digest, "bool", b"1" if value else b"0")
        case enum.Enum():
            _piece(digest, "enum", f"{_name(type(value))}.{value.name}".encode())
        case str():
            _piece(digest, "text", value.encode())
        case bytes():
            _piece(digest, "bytes", value)
        case numbers.Integral():
            _piece(digest, "integer", str(int(value)).encode())
        case numbers.Real():
            # Floats of numpy and of Python count as equal. hex() is exact.
            _piece(digest, "real", float(value).hex().encode())
        case np.ndarray():
            _feed_array(digest, path, value, inner)
        case np.dtype():
            _piece(digest, "dtype", value.newbyteorder("<").descr.__repr__().encode())
        case np.random.RandomState():
            # Its generator also holds the seeds that it once began with. A loaded one has random seeds there.
            _feed(digest, path, value.get_state(legacy=False), inner)
        case dict():
            _feed_mapping(digest, "mapping", path, value, inner)
        case list() | tuple():
            _piece(digest, "sequence", str(len(value)).encode())
            for index, item in enumerate(value):
                _feed(digest, f"{path}[{index}]", item, inner)
        case set() | frozenset():
            _feed(digest, path, sorted(value), inner)
        case type():
            _piece(digest, "class", _name(value).encode())
        case _:
            _feed_object(digest, path, value, inner)


def _feed_array(digest, path: str, array: np.ndarray, parents: tuple[int, ...]) -> None:
    if array.dtype.names:
        _piece(digest, "fields", f"{array.shape} {array.dtype.names}".encode())
        for name in array.dtype.names:
            _feed_array(digest, f"{path}[{name!r}]", array[name], parents)
    elif array.dtype.hasobject:
        _piece(digest, "objects", str(array.shape).encode())
        for item in array.ravel(order="C"):
            _feed(digest, path, item, parents)
    else:
        array = array.astype(array.dtype.newbyteorder("<"), order="C", copy=False)
        _piece(digest, "array", f"{array.dtype.str} {array.shape}".encode())
        _piece(digest, "content", array.tobytes(order="C"))


def _feed_object(digest, path: str, value: Any, parents: tuple[int, ...]) -> None:
    """Feed an object as its class and its state. Without a readable state, feed the way to build it again."""
    if callable(value) and hasattr(value, "__qualname__"):
        _piece(digest, "function", f"{value.__module__}.{value.__qualname__}".encode())
        return
    _piece(digest, "object", _name(type(value)).encode())
    if hasattr(value, "__dict__"):
        _feed_mapping(digest, "state", path, vars(value), parents)
        return
    rebuilt = _reduced(path, value)
    # [0] is one of pickle's helpers, [1] has its arguments, [2] is the state.
    for index, part in enumerate(rebuilt[1:3]):
        _feed(digest, f"{path}<{index}>", part, parents)


def _reduced(path: str, value: Any) -> tuple:
    try:
        reduced = value.__reduce_ex__(4)
    except TypeError as error:
        raise TypeError(f"{path}: no canonical form of {_name(type(value))}") from error
    if not isinstance(reduced, tuple):
        raise TypeError(f"{path}: no canonical form of {_name(type(value))}")
    return reduced


def _feed_mapping(digest, kind: str, path: str, mapping: dict, parents: tuple[int, ...]) -> None:
    keys = sorted((key for key in mapping if key not in IGNORED), key=lambda key: (str(type(key)), str(key)))
    _piece(digest, kind, str(len(keys)).encode())
    for key in keys:
        _feed(digest, path, key, parents)
        _feed(digest, f"{path}.{key}", mapping[key], parents)


def _piece(digest, kind: str, content: bytes) -> None:
    digest.update(f"{kind}:{len(content)}:".encode())
    digest.update(content)


def _name(cls: type) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"
