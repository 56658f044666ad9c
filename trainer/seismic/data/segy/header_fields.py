"""Fields of a SEG-Y file's headers, by the standard's byte numbers, which begin with 1."""

import struct

TEXT_BYTES = 3200
HEADER_BYTES = 3600
TRACE_HEADER_BYTES = 240
# struct's marks, by byte order.
MARKS = {"big": ">", "little": "<"}


def field(block: bytes, kind: str, byte: int, base: int = TEXT_BYTES + 1) -> int:
    """A field of the binary header, or of a block that begins at `base`. `kind` is one of struct's."""
    return struct.unpack_from(kind, block, byte - base)[0]


def trace_field(header: bytes, kind: str, byte: int) -> int:
    """A field of a trace header; 0 if the header is cut off."""
    return field(header, kind, byte, base=1) if len(header) == TRACE_HEADER_BYTES else 0


def revision(binary: bytes) -> int | None:
    """1 or 2; 0 for older files, and for files without a revision; None for an impossible number."""
    major = binary[3501 - TEXT_BYTES - 1]
    return major if major in (0, 1, 2) else None
