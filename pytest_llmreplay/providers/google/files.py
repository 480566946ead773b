"""Files that an account keeps at Google."""

from __future__ import annotations

from urllib.parse import urlsplit

__all__ = ["is_stored"]

_FILES_HOST = "generativelanguage.googleapis.com"


def is_stored(uri: str) -> bool:
    """Whether a URI names something that an account keeps at Google: a file or an object.

    Anything else is an address that everybody can read, as a video of YouTube.
    https://ai.google.dev/gemini-api/docs/file-input-methods
    """
    try:
        parts = urlsplit(uri)
    except ValueError:
        return True
    return parts.scheme not in {"http", "https"} or (parts.hostname or "").endswith(_FILES_HOST)
