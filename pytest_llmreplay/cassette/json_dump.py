"""JSON text without blanks, by encoders that are made once, not for every call."""

from __future__ import annotations

import json
from collections.abc import Callable
from json import encoder as json_encoder

from pytest_llmreplay.event import Json

__all__ = ["ascii_json", "json_bytes", "json_dump", "plain_json"]

_make_encoder = getattr(json_encoder, "c_make_encoder", None)


def json_dump(quoted: Callable[[str], str], *, sort_keys: bool = False) -> Callable[[Json], str]:
    """What makes JSON of a value.

    Args:
        quoted: Makes a JSON string of a text.
        sort_keys: Whether the order of keys is that of the alphabet, not their own.
    """
    if _make_encoder is None:
        ensure_ascii = quoted is not json_encoder.encode_basestring
        return json.JSONEncoder(
            ensure_ascii=ensure_ascii, sort_keys=sort_keys, separators=(",", ":")
        ).encode
    encode = _make_encoder(None, None, quoted, None, ":", ",", sort_keys, False, True)  # noqa: FBT003 - it is C
    return lambda value: "".join(encode(value, 0))


ascii_json = json_dump(json_encoder.encode_basestring_ascii)
"""All beyond ASCII by escapes."""
plain_json = json_dump(json_encoder.encode_basestring)
"""What is beyond ASCII as it is."""


def json_bytes(value: Json) -> bytes:
    """JSON in UTF-8; half of a surrogate pair is valid only as an escape."""
    try:
        return plain_json(value).encode()
    except UnicodeEncodeError:
        return ascii_json(value).encode()
