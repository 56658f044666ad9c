"""Fields of a SEG-Y file's headers, by the byte numbers of the standard, which count from 1."""

import struct

TEXT_BYTES = 3200
HEADER_BYTES = 3600
TRACE_HEADER_BYTES = 240
# Of struct, by byte order.
MARKS = {"big": ">", "little": "<"}


def field(block: bytes, kind: str, byte: int, base: int = TEXT_BYTES + 1) -> int:
    """The field of the binary header, or of a block that begins at `base`, of a kind that struct names."""
    return struct.unpack_from(kind, block, byte - base)[0]


def trace_field(header: bytes, kind: str, byte: int) -> int:
    """The field of a trace header, 0 if that is cut off."""
    return field(header, kind, byte, base=1) if len(header) == TRACE_HEADER_BYTES else 0


def revision(binary: bytes) -> int | None:
    """1 or 2, 0 for files that are older or say so, None for what is no revision."""
    major = binary[3501 - TEXT_BYTES - 1]
    return major if major in (0, 1, 2) else None
