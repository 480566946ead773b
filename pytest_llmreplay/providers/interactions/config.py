"""Reading how an answer is wanted: `generation_config` and `response_format`."""

from __future__ import annotations

from dataclasses import replace

from pytest_llmreplay.event import Json, OutputFormat, Reasoning, Request
from pytest_llmreplay.providers.fields import Fields, as_text

from .tools import read_choice

__all__ = ["read_config"]

_JSON = "application/json"
_WORDS_ALONE = ({"type": "text"}, {"type": "text", "mime_type": "text/plain"})
_KINDS = frozenset({"text", "audio", "image", "video"})
"""Types of what may be answered; another type is that of a JSON schema, as it was told of old."""


def read_config(fields: Fields, request: Request) -> Request:
    """The request with its parameters; what no field names is in `extra`."""
    value = fields.rest.get("generation_config")
    config = Fields(fields.rest.pop("generation_config") if isinstance(value, dict) else None)
    request = replace(
        request,
        tool_choice=read_choice(config),
        max_tokens=config.whole_number("max_output_tokens"),
        temperature=config.number("temperature"),
        top_p=config.number("top_p"),
        seed=config.whole_number("seed"),
        stop_sequences=config.texts("stop_sequences"),
        reasoning=_read_reasoning(config),
        output=_read_output(fields),
        service_tier=fields.text("service_tier"),
        extra=fields.rest,
    )
    if fields.rest.get("response_modalities") in (["text"], ["TEXT"]):
        del fields.rest["response_modalities"]
    fields.leave("generation_config", config.rest)
    return request


def _read_reasoning(config: Fields) -> Reasoning | None:
    level = config.text("thinking_level")
    summary = config.text("thinking_summaries")
    if level is None and summary is None:
        return None
    return Reasoning(
        effort=level.lower() if level else None, summary=None if summary == "none" else summary
    )


def _read_output(fields: Fields) -> OutputFormat | None:
    """The shape of the words of an answer; media that are asked for beside them stay."""
    formats = fields.rest.get("response_format")
    if isinstance(formats, list) and len(formats) == 1:
        formats = formats[0]
    mime_type = as_text(fields.rest.get("response_mime_type"))
    if formats is None and mime_type in {_JSON, "text/plain"}:
        del fields.rest["response_mime_type"]
        return OutputFormat(type="json_object" if mime_type == _JSON else "text")
    output = _format(formats) if isinstance(formats, dict) and formats else None
    if output is not None:
        del fields.rest["response_format"]
        fields.word("response_mime_type", _JSON)
    return output


def _format(value: dict[str, Json]) -> OutputFormat | None:
    if value in _WORDS_ALONE:
        return OutputFormat(type="text")
    if as_text(value.get("type")) not in _KINDS:
        return OutputFormat(type="json_schema", schema=value)
    inner = Fields(value)
    if not inner.word("type", "text"):
        return None
    schema, mime_type = inner.object("schema"), inner.text("mime_type")
    if schema and mime_type in {_JSON, None}:
        return OutputFormat(type="json_schema", schema=schema, extra=inner.rest)
    is_json = mime_type == _JSON and not schema
    return OutputFormat(type="json_object", extra=inner.rest) if is_json else None
