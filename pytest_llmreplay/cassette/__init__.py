"""The cassette: a text format that a reviewer reads and playback reads fast.

A cassette is a YAML stream with the meaning of JSON: a header document, then one document per
event, each closed by `...`. Importing this package imports none of its modules, so that a pytest
run without cassettes never loads a YAML parser.

Text to values
    `reader` decides what a text means, with `builder`, after `scan` refused what no cassette may
    hold; `fastread` reads only what `emitter` writes, ten times faster, and `json_text` with
    `json_scalar` make JSON text of it without the values in between. `characters` names what may
    not stand raw.

Documents
    `index` finds them in the bytes of a file, `sections` reads their top-level keys one by one,
    `fields` and `wire` check and build what stands there, `document` and `accepted` put an event
    together with what `whole_requests` knows of the requests before, `header` is the first of them,
    `cassette` is the file. `plain_answer` takes the bytes to play from a document, where it can,
    without reading the rest but for its `measured_line`.

What keeps them short and honest
    `stream_block`, `stream_template` and `framing` hold a stream line by line and byte for byte,
    `like` tells a request by an earlier one, `answer` tells a stream in words and is checked
    against it, `edited` plays an answer that a person wrote. `ids` gives short names to what
    `drawn` finds to differ on every recording.

Beside the file
    `side_files` reads the media and vectors that stand in files of their own, `side_told` tells a
    body by them, `side_writer` writes and removes them, `media_kinds` knows what they are.

Writing
    `layout` makes the text of one event, `draft` and `rewrite` that of a file, `readback` compares
    what would be read with what was meant, `writer` replaces the file. `journal` keeps each call
    as it finishes in a `partial_file`, and `unfinished` finds those that were left.

Before writing
    `redaction` takes secrets out, known by `secret_names` and by the shapes of `secret_table`;
    `kept_headers` says what is worth keeping. `keys` makes match keys of what `counted_body`
    counts, `naming` finds the place of a file, `roots` the files below a place. `record_mode` says
    what becomes of a call that the cassette does not hold.
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
