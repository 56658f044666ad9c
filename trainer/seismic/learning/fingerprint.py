"""The hash of a fitted model: the same numbers give the same hash, wherever they were fitted.

Not the hash of a file: pickles and archives hold memory order, timestamps and versions, which
differ between two runs that learnt exactly the same thing.
"""

import enum
import hashlib
import numbers
from typing import Any

import numpy as np

# They say how a fit is carried out, not what was learnt.
IGNORED = frozenset({"n_jobs", "n_threads", "verbose", "memory", "transform_input", "_sklearn_version"})


def model_sha256(model: Any) -> str:
    """Hash everything a fitted estimator holds: class names, parameters, learnt values.

    Arrays count as dtype, shape and bytes in C order and little-endian; structured arrays field
    by field, so that padding bytes do not count. The hash survives being saved with skops and
    loaded again, thus the server checks the model that it loads with the same function.

    Returns
    -------
    64 hexadecimal digits.

    Raises
    ------
    TypeError
        naming the path of a value for which there is no canonical form.
    """
    digest = hashlib.sha256()
    _feed(digest, "model", model, ())
    return digest.hexdigest()


def _feed(digest, path: str, value: Any, parents: tuple[int, ...]) -> None:
    """Feed `value` into the digest, every piece with its kind and length in front."""
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
            # numpy's and Python's floats count as equal; hex() is exact.
            _piece(digest, "real", float(value).hex().encode())
        case np.ndarray():
            _feed_array(digest, path, value, inner)
        case np.dtype():
            _piece(digest, "dtype", value.newbyteorder("<").descr.__repr__().encode())
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
    """An object is its class and its state; without readable state, how it is built again."""
    if callable(value) and hasattr(value, "__qualname__"):
        _piece(digest, "function", f"{value.__module__}.{value.__qualname__}".encode())
        return
    _piece(digest, "object", _name(type(value)).encode())
    if hasattr(value, "__dict__"):
        _feed_mapping(digest, "state", path, vars(value), parents)
        return
    rebuilt = _reduced(path, value)
    # [0] is a helper of pickle's, [1] its arguments, [2] the state.
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
