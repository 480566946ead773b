"""The bytes of a cassette tell what no document has to be parsed for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pytest_llmreplay.cassette.cassette import Cassette
from pytest_llmreplay.cassette.documents.index import CassetteIndex
from pytest_llmreplay.errors import CassetteDamaged

HEADER = "cassette: 1\nchecks: [text]\n"
EVENT = """\
--- # key r1:0123456789abcdef
event: 1
provider: openai
api: chat_completions
{written}
request:
  method: POST
  url: https://api.openai.com/v1/chat/completions
  body: {{model: m, messages: []}}
response:
  status: 200
  body: {{}}
...
"""


def cassette(written: str) -> Cassette:
    """A cassette of one event with a line of somebody's."""
    data = HEADER + EVENT.format(written=written)
    return Cassette.of(data.encode(), path=Path("a.yaml"))


@pytest.mark.parametrize(
    "written",
    [
        "checks: [answered]",
        '"checks": [answered]',
        "'checks': [answered]",
        r'"\x63hecks": [answered]',
    ],
)
def test_checks_of_an_event_are_not_overlooked(written: str) -> None:
    """However the key is spelt: the first look only says no where no reader finds one."""
    found = cassette(written)
    assert ("answered",) == found.document(0).head.checks
    assert found.index.may_have(b"checks")


def test_an_event_without_checks_need_not_be_read_for_them() -> None:
    """Those of the header do not count."""
    assert not cassette("model: m").index.may_have(b"checks")


@pytest.mark.parametrize("line", ["event: {}", "provider: openai\nevent: {}", "accepted: {}"])
def test_a_number_of_more_digits_than_python_reads_is_damage(line: str) -> None:
    """It has a line, and no traceback."""
    data = f"cassette: 1\n---\n{line.format('9' * 6000)}\n...\n".encode()
    with pytest.raises(CassetteDamaged, match=r"a\.yaml:2: a document without a number"):
        Cassette.of(data, path=Path("a.yaml"))


class Looked(bytes):
    """Bytes that say how many of them were searched for line ends."""

    at = 0

    def count(self, *wanted: Any) -> int:
        """Count, and remember how much was looked at."""
        _, start, end = wanted
        self.at += end - start
        return super().count(*wanted)


def test_places_of_all_events_are_told_in_one_look_at_the_file() -> None:
    """However many of thousands have diverged, each with its line."""
    texts = [
        EVENT.format(written=f"name: e{n}").replace("event: 1", f"event: {n}") for n in range(1, 41)
    ]
    data = Looked((HEADER + "".join(texts)).encode())
    index = CassetteIndex.of(data)
    found = [index.line(slot.start + 3) for slot in reversed(index.events)]
    assert [*range(3 + 39 * 13, 2, -13)] == found
    assert data.at < 2 * len(data)
    assert [1, 2] == [index.line(0), index.line(len("cassette: 1\n"))]
