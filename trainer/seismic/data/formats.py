"""The sample formats of SEG-Y that this package reads."""

# Format code (bytes 3225-3226) -> numpy's kind. The other codes are fixed point with gain, and 24 bit.
KINDS = {1: "u4", 2: "i4", 3: "i2", 5: "f4", 6: "f8", 8: "i1", 9: "i8", 10: "u4", 11: "u2", 12: "u8",
         16: "u1"}  # fmt: skip
FORMATS = {code: int(kind[1]) for code, kind in KINDS.items()}
FORMAT_NAMES = {
    1: "IBM float", 2: "int32", 3: "int16", 5: "IEEE float", 6: "IEEE double", 8: "int8",
    9: "int64", 10: "uint32", 11: "uint16", 12: "uint64", 16: "uint8",
}  # fmt: skip
