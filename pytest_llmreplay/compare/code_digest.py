"""Digests of what decides beside the words of a check, so that a change of it is seen."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from functools import partial
from hashlib import sha256
from types import CodeType
from typing import Any

__all__ = ["code_digest", "digest"]

_ADDRESS = re.compile(r" at 0x[0-9a-f]+")
_PLAIN = (bool, float, int, str, type(None))
_HOLDS = (dict, frozenset, list, set, tuple)


def digest(text: str) -> str:
    """A short digest of a text."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def code_digest(given: object) -> str:
    """Digest of the source of a function, and of what it names in its own module.

    What it imports is not looked into: a change there is not seen.
    """
    found: dict[int, tuple[Any, str]] = {}  # with each object, so that no id is reused
    waiting: list[Any] = [given]
    while waiting:
        one = waiting.pop()
        if id(one) not in found:
            found[id(one)] = one, _source(one)
            waiting += _parts(one)
    return digest("\n".join(sorted(source for _, source in found.values())))


def _source(one: Any) -> str:
    if isinstance(one, _PLAIN):
        return repr(one)
    if isinstance(one, set | frozenset):
        return repr(sorted(map(repr, one)))  # in no order of its own
    try:
        return inspect.getsource(one)
    except (OSError, TypeError):
        return _ADDRESS.sub("", repr(one))


def _parts(one: Any) -> Iterator[Any]:
    """What else decides: what is bound to a function or an object, and names of its module."""
    if isinstance(one, (type, *_PLAIN, *_HOLDS)):
        return
    bound: list[Any] = [one.__self__] if inspect.ismethod(one) else []
    if isinstance(one, partial):
        yield one.func
        home, bound = one.func.__module__, [*one.args, *one.keywords.values()]
    elif isinstance(code := getattr(one, "__code__", None), CodeType):
        home = one.__module__
        bound += [cell.cell_contents for cell in one.__closure__ or ()]
        bound += [one.__globals__[name] for name in _names(code) if name in one.__globals__]
    else:
        yield type(one)
        home, bound = type(one).__module__, [*getattr(one, "__dict__", {}).values()]
    yield from (value for value in bound if _counts(value, home))


def _counts(value: Any, home: str) -> bool:
    """Whether a value is plain, or of the same module: a client, say, has a state of its own."""
    plain = isinstance(value, (*_PLAIN, *_HOLDS))
    return plain or getattr(value, "__module__", None) == home


def _names(code: CodeType) -> Iterator[str]:
    """The names that code looks up, also in the functions inside it."""
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _names(inner)
