"""What a request says of itself to its provider, where that names prompt, session and labels.

https://platform.openai.com/docs/api-reference/chat/create#chat_create-metadata
"""

from __future__ import annotations

from pytest_llmreplay.event import Json, Session

from .stamp import NO_SESSION, NO_STAMP, Stamp

__all__ = ["stamp_in"]

_PROMPT = ("prompt_name", "prompt_id", "prompt")
_SESSION = {
    "id": ("session_id", "conversation_id", "thread_id"),
    "name": ("session_name",),
    "path": ("session_path",),
}
_NAMED = frozenset((*_PROMPT, *(key for keys in _SESSION.values() for key in keys)))
_USER = "user_id"
"""Says whom the application serves; Anthropic's metadata hold nothing else."""


def stamp_in(body: Json) -> Stamp:
    """The stamp that the body of a request carries in `metadata`, and in a stored prompt."""
    if not isinstance(body, dict):
        return NO_STAMP
    metadata, stored = _texts(body.get("metadata")), body.get("prompt")
    if not metadata and not isinstance(stored, dict):
        return NO_STAMP
    stored_name = _text(stored.get("id")) if isinstance(stored, dict) else None
    name = _first(metadata, _PROMPT) or stored_name
    session = Session(**{key: _first(metadata, keys) for key, keys in _SESSION.items()})
    return Stamp(
        name=name,
        session=None if session == NO_SESSION else session,
        labels={key: text for key, text in metadata.items() if key not in _NAMED and key != _USER},
    )


def _texts(metadata: Json) -> dict[str, str]:
    named = metadata.items() if isinstance(metadata, dict) else ()
    return {key: text for key, text in named if isinstance(text, str)}


def _first(metadata: dict[str, str], keys: tuple[str, ...]) -> str | None:
    return next((metadata[key] for key in keys if metadata.get(key)), None)


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) else None
