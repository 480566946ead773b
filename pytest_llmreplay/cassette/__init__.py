"""The cassette: a text format that a reviewer reads and playback reads fast.

A cassette is a YAML stream with the meaning of JSON: a header document, then one document per
event, each closed by `...`. Importing this package imports none of its modules, so that a pytest
run without cassettes never loads a YAML parser.

* `cassette` is the file, opened in milliseconds; its `documents` are read as far as they are used,
  and what is played of them by `quick_reading`.
* `yaml_text` turns text to values and back; `streams`, `short_names` and `side_files` keep
  documents short and honest.
* Before writing, `redaction` takes secrets out and `matching` makes the match key. Each call is in
  a `partial` file as it finishes; `writing` makes the cassette of them.
* `places` knows where files are, `projects` what is said of them. `labels` and `sessions` are read
  without parsing a document.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .cassette import Cassette

__all__ = ["Cassette"]


def __getattr__(name: str) -> Any:
    if name != "Cassette":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from .cassette import Cassette  # noqa: PLC0415  see above

    return Cassette
