"""Files that hold no records in JSON: what each kind is told by, and what to do about it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

__all__ = ["advice_for"]

_BINARY: Final = re.compile(rb"[\x00-\x08\x0e-\x1f]")
"""Bytes that no text has."""
_LOOKED_AT: Final = 4096
_KINDS: Final = {
    b"PAR1": "it is Parquet: write JSON Lines of it, as DataFrame.to_json(orient='records', "
    "lines=True)",
    b"\x28\xb5\x2f\xfd": "it is compressed by zstd: import what is in it (zstd -d FILE)",
    b"\xfd7zXZ": "it is compressed by xz: import what is in it (xz -dk FILE)",
    b"BZh": "it is compressed by bzip2: import what is in it (bunzip2 -k FILE)",
}
"""What to do about files of other kinds, by how they begin."""


def advice_for(path: Path, first: bytes) -> str:
    """What to do about a file that holds no JSON, to be said behind that; empty if unknown.

    Args:
        path: Its name.
        first: Its first line.
    """
    known = next((advice for begin, advice in _KINDS.items() if first.startswith(begin)), None)
    if known is not None:
        return f"; {known}"
    if _BINARY.search(first[:_LOOKED_AT]):
        return "; it is binary: export JSON (the file exporter of OpenTelemetry: `format: json`)"
    if path.name.lower().removesuffix(".gz").endswith(".csv"):
        return "; it is CSV: export JSON or JSON Lines, or name a source of your own that reads it"
    return ""
