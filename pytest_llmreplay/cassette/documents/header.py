"""The first document of a cassette: what holds for all its events."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_llmreplay.cassette.yaml_text.emitter import flow, scalar
from pytest_llmreplay.cassette.yaml_text.fields import Fields, Path, WrongField
from pytest_llmreplay.errors import CassetteDamaged, CassetteTooNew
from pytest_llmreplay.event import Json, Session

__all__ = ["Header", "header_of", "header_text", "read_session", "session_value"]

_VERSION = 1

_HEADER = frozenset(["cassette", "test", "session", "checks", "marks"])
_SESSION = frozenset(["id", "name", "path"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What stands at the top of a cassette."""

    version: int = _VERSION
    test: str | None = None
    """Full node id of the test that recorded it."""
    session: Session | None = None
    checks: tuple[str, ...] | None = None
    """Empty where it is said that there are none; none where nothing is said."""
    marks: tuple[str, ...] = ()
    """The test's own marks, for `-m` in a replay."""


def header_text(header: Header) -> str:
    """The header document, as it begins a cassette."""
    lines = [f"cassette: {header.version}"]
    if header.test is not None:
        lines.append(f"test: {scalar(header.test)}")
    if header.session is not None:
        lines.append(f"session: {flow(session_value(header.session))}")
    if header.checks:
        lines.append(f"checks: {flow(list(header.checks))}")
    if header.marks:
        lines.append(f"marks: {flow(list(header.marks))}")
    return "".join([f"{line}\n" for line in lines])


def header_of(value: Json) -> Header:
    """The header that a parsed first document is.

    Raises:
        CassetteTooNew: A later version of this package wrote the cassette.
        CassetteDamaged: The document is no header at all.
        WrongField: A field of it is wrong.
    """
    if not isinstance(value, dict) or "cassette" not in value:
        raise CassetteDamaged(
            "no header; a cassette begins with `cassette: 1`. Is this another file? "
            "Else restore it from version control, or delete it and record the test again",
            line=1,
        )
    version = value["cassette"]
    if type(version) is not int or version < 1:
        raise WrongField(("cassette",), f"expected the version of the format, 1, found {version!r}")
    if version > _VERSION:
        raise CassetteTooNew(
            f"format {version}, but this version of pytest-llmreplay reads formats up to "
            f"{_VERSION}; upgrade it (pip install --upgrade pytest-llmreplay), or delete the "
            "cassette and record the test again"
        )
    fields = Fields(value, (), _HEADER)
    return Header(
        version=version,
        test=fields.text_or_none("test"),
        session=read_session(value.get("session"), ("session",)),
        checks=fields.texts("checks"),
        marks=fields.texts("marks"),
    )


def read_session(value: Json, path: Path) -> Session | None:
    """The session under a `session` key."""
    if value is None:
        return None
    fields = Fields(value, path, _SESSION)
    return Session(
        id=fields.text_or_none("id"),
        name=fields.text_or_none("name"),
        path=fields.text_or_none("path"),
    )


def session_value(session: Session | None) -> Json:
    """A session as it is written."""
    if session is None:
        return None
    fields: dict[str, Json] = {"id": session.id, "name": session.name, "path": session.path}
    return {key: text for key, text in fields.items() if text is not None}
