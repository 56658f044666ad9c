"""A backup's manifest and its seal, as cli/backup/manifest.ts and authentication.ts read them."""

import hashlib
import hmac
import json
from pathlib import Path

FORMAT = 2
MANIFEST = "manifest.json"
SEAL = "manifest.hmac"
_NAMED = b"the name of this key"
_NAME_DIGITS = 16


def seal_of(content: bytes, key: bytes) -> str:
    """The HMAC-SHA-256 of a manifest's bytes, in hexadecimal digits."""
    return hmac.new(key, content, hashlib.sha256).hexdigest()


def key_name(key: bytes) -> str:
    """The name by which a manifest tells whose seal it has."""
    return seal_of(_NAMED, key)[:_NAME_DIGITS]


def write_manifest(folder: Path, content: dict[str, object], key: bytes) -> None:
    """Write the manifest and its seal."""
    text = json.dumps({"format": FORMAT, **content, "key": key_name(key)}, indent=2).encode() + b"\n"
    (folder / MANIFEST).write_bytes(text)
    (folder / SEAL).write_text(seal_of(text, key) + "\n", "ascii")


def size_of_good(folder: Path, key: bytes) -> int | None:
    """The bytes of a backup's files; None when it is not whole, or not sealed with this key."""
    try:
        text = (folder / MANIFEST).read_bytes()
        seal = (folder / SEAL).read_text("ascii").strip()
        if not hmac.compare_digest(seal, seal_of(text, key)):
            return None
        files = json.loads(text)["files"]
        sizes = [(folder / it["name"]).stat().st_size for it in files]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return sum(sizes) if sizes == [it["bytes"] for it in files] else None
