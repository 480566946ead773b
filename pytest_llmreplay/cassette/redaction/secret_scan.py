"""The last look at bytes before they are written: do they still hold a secret?"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import chain, islice

from pytest_llmreplay.cassette.yaml_text.yaml_place import place_of
from pytest_llmreplay.errors import ConfigError, SecretFound

from .secret_shapes import secrets_by_shape

__all__ = ["SecretFinding", "allowed_hashes", "check_before_write", "hash_of", "is_allowed", "scan"]

_HASH_LENGTH = 12
_SHORTEST_HASH = 8
_MOST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretFinding:
    """A secret in a file; never its value."""

    kind: str
    """In words: `api key`, `jwt`."""
    line: int
    """Counted from 1."""
    place: str
    """Field that holds it, such as `request.body.messages[0].content`; empty where unknown."""
    hash: str
    """What `llm_redact_allow` takes for a false alarm."""


def hash_of(secret: str) -> str:
    """The name of a text that must not be written itself."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()[:_HASH_LENGTH]


def allowed_hashes(hashes: Collection[str]) -> frozenset[str]:
    """Hashes of false alarms, checked.

    Raises:
        ConfigError: One is no hash.
    """
    for text in hashes:
        if not re.fullmatch(rf"[0-9a-f]{{{_SHORTEST_HASH},64}}", text):
            raise ConfigError(
                f"llm_redact_allow: {text!r} is no hash; take the {_HASH_LENGTH} characters that "
                "the refusal prints, never the text itself"
            )
    return frozenset(hashes)


def is_allowed(secret: str, allow: Collection[str]) -> bool:
    """Whether the user has declared a text to be no secret."""
    if not allow:
        return False
    whole = hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()
    return any(whole.startswith(start) for start in allow)


def scan(data: bytes, allow: Collection[str] = ()) -> list[SecretFinding]:
    """Secrets that show in the bytes of a cassette, in order; of very many, the first ones."""
    text = data.decode(errors="replace")
    both = chain(_in_text(text), _in_streams(text))
    found = {
        (text.count("\n", 0, at) + 1, kind, hash_of(secret)): at
        for at, kind, secret in islice(both, _MOST)
        if not is_allowed(secret, allow)
    }
    return [
        SecretFinding(kind=kind, line=line, place=place_of(text, at), hash=name)
        for (line, kind, name), at in sorted(found.items())
    ]


def check_before_write(data: bytes, allow: Collection[str] = ()) -> None:
    """Refuse bytes that hold a secret.

    Raises:
        SecretFound: They do; names kind and place, never the value.
    """
    found = scan(data, allow)
    if found:
        first = found[0]
        place = f"line {first.line}" + (f", {first.place}" if first.place else "")
        more = f", and {len(found) - 1} more" if len(found) > 1 else ""
        raise SecretFound(
            f"not written: {place} still holds what looks like a secret ({first.kind}){more}. "
            f"A false alarm? Add {first.hash} to llm_redact_allow. "
            "Else add a rule to llm_redact that covers it."
        )


def _in_text(text: str) -> Iterator[tuple[int, str, str]]:
    for span in secrets_by_shape(text):
        yield span.start, span.kind, text[span.start : span.end]


_DELTAS = re.compile(r"(?:^[ ]+[0-9]+ [\"{].*\n?)+", re.MULTILINE)
_DELTA = re.compile(
    r"(?:(?<=[0-9] )"
    r"|\"(?:arguments|content|delta|partial_json|reasoning(?:_content)?|text|thinking)\": ?)"
    r"(\"(?:[^\"\\]|\\.)*+\")"
)
"""A delta of its own, or the text in the whole chunk that it follows."""


def _in_streams(text: str) -> Iterator[tuple[int, str, str]]:
    """Secrets that show only when the pieces of a stream are read as one text."""
    if "stream:" not in text:
        return
    for block in _DELTAS.finditer(text):
        words = "".join(_unquoted(piece) for piece in _DELTA.findall(block[0]))
        for span in secrets_by_shape(words):
            yield block.start(), span.kind, words[span.start : span.end]


def _unquoted(piece: str) -> str:
    try:
        return str(json.loads(piece))
    except ValueError:
        return piece[1:-1]
