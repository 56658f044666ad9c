"""Fixtures that write small SEG-Y files byte by byte, without the package's own writer."""

import os
import struct
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import kit
import seismic  # noqa: F401

# isort: split
# As in a trainer's own process, the kernels are chosen before numpy is imported.
import numpy as np
import pytest

# pytest.ini makes the kit known to the tests, and this to the programs that they start.
KIT = Path(kit.__file__).parents[1]
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(KIT), os.environ.get("PYTHONPATH")]))

# Format code -> numpy kind; IBM floats (1) are encoded below.
KINDS = {
    2: "i4", 3: "i2", 5: "f4", 6: "f8", 8: "i1", 9: "i8", 10: "u4", 11: "u2", 12: "u8", 16: "u1",
}  # fmt: skip


def ibm(value: float) -> int:
    """One IBM float, from its definition: (-1)**sign * 0.fraction * 16**(exponent - 64)."""
    if value == 0:
        return 0
    sign, value, exponent = (1, -value, 64) if value < 0 else (0, value, 64)
    while value >= 1:
        value, exponent = value / 16, exponent + 1
    while value < 1 / 16:
        value, exponent = value * 16, exponent - 1
    return sign << 31 | exponent << 24 | int(value * 2**24)


def _samples(trace: np.ndarray, format: int, mark: str) -> bytes:
    if format == 1:
        return b"".join(struct.pack(mark + "I", ibm(float(value))) for value in trace)
    return np.asarray(trace).astype(mark + KINDS[format]).tobytes()


def write_segy_file(
    path: Path,
    traces: np.ndarray,
    *,
    format: int = 5,
    endian: str = "big",
    inlines: Sequence[int] | None = None,
    crosslines: Sequence[int] | None = None,
    cdps: Sequence[int] | None = None,
    interval_us: int = 4000,
    trace_interval_us: int | None = None,
    revision: int = 1,
    extended: int = 0,
    fill: int = 0,
    code: int | None = None,
    trace_samples: int | None = None,
    fields: Mapping[int, Sequence[int]] | None = None,
) -> Path:
    """A SEG-Y file of traces (n, samples). Header fields that are not given are 0.

    `fill` is each byte of the binary header from 3261 on, where the oldest standard has nothing. `code` is
    the declared format, if it is not the samples' own. `fields` has further int32 of the trace headers by
    their first byte.
    """
    mark = ">" if endian == "big" else "<"
    count, samples = traces.shape
    binary = bytearray(60) + bytes([fill]) * 340
    struct.pack_into(mark + "H", binary, 16, interval_us)
    struct.pack_into(mark + "H", binary, 20, samples)
    struct.pack_into(mark + "h", binary, 24, format if code is None else code)
    if not fill:
        binary[300] = revision
        struct.pack_into(mark + "h", binary, 304, extended)
    parts = ["C 1 TEST".ljust(3200).encode("cp500"), bytes(binary)]
    parts += ["extended header".ljust(3200).encode("cp500")] * max(extended, 0)
    for number in range(count):
        header = bytearray(240)
        for byte, values in {189: inlines, 193: crosslines, 21: cdps, **(fields or {})}.items():
            if values is not None:
                struct.pack_into(mark + "i", header, byte - 1, values[number])
        struct.pack_into(mark + "H", header, 114, samples if trace_samples is None else trace_samples)
        step = interval_us if trace_interval_us is None else trace_interval_us
        struct.pack_into(mark + "H", header, 116, step)
        parts += [bytes(header), _samples(traces[number], format, mark)]
    path.write_bytes(b"".join(parts))
    return path


@pytest.fixture(scope="session")
def write_segy() -> Callable[..., Path]:
    """`write_segy_file` for tests."""
    return write_segy_file


def patch_file(path: Path, byte: int, kind: str, value: float) -> Path:
    """Overwrite a big-endian field of a file. `byte` counts from 1."""
    content = bytearray(path.read_bytes())
    struct.pack_into(">" + kind, content, byte - 1, value)
    path.write_bytes(content)
    return path


@pytest.fixture(scope="session")
def patch() -> Callable[..., Path]:
    """`patch_file` for tests."""
    return patch_file


@pytest.fixture
def grid(tmp_path: Path) -> Path:
    """A survey of 4 inlines (10..13) x 5 crosslines (100..104) x 6 samples, with all labels except one."""
    rng = np.random.default_rng(1)
    inlines = np.repeat(np.arange(10, 14), 5)
    crosslines = np.tile(np.arange(100, 105), 4)
    traces = rng.normal(0, 100, (20, 6)).astype(np.float32)
    write_segy_file(tmp_path / "grid.sgy", traces, inlines=inlines, crosslines=crosslines)
    names = ("normal", "anomaly", "boundary")
    lines = [
        f"{inline},{crossline},{names[(inline + crossline) % 3]}"
        for inline, crossline in zip(inlines[:-1], crosslines[:-1], strict=True)
    ]
    (tmp_path / "labels.csv").write_text("\n".join(["inline,crossline,label", *lines]) + "\n")
    return tmp_path


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo survey of 40 inlines x 60 crosslines x 120 samples. Only read it."""
    from seismic.demo.survey import write_demo

    folder = tmp_path_factory.mktemp("demo")
    write_demo(folder, inlines=40, crosslines=60, samples=120, seed=5)
    return folder
