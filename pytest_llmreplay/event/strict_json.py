"""JSON as its standard has it: Python's own reader takes `NaN` and `Infinity` for numbers, too.

https://www.rfc-editor.org/rfc/rfc8259#section-6
"""

from __future__ import annotations

import json

from .exchange import Json

__all__ = ["STRICT_JSON", "refuse_constant"]


def refuse_constant(word: str) -> Json:
    """Refuse `NaN`, `Infinity` or `-Infinity`; a `parse_constant` of the `json` module.

    Raises:
        ValueError: Always.
    """
    raise ValueError(f"{word} is no JSON number")


STRICT_JSON = json.JSONDecoder(parse_constant=refuse_constant)
"""Reads what is JSON, and nothing else."""
