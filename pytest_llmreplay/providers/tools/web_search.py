"""The web search that a provider runs itself: what the formats say of it alike."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from pytest_llmreplay.event import Json, Request, Tool, ToolChoice
from pytest_llmreplay.providers.conversion.losses import Losses
from pytest_llmreplay.providers.fields import Fields, as_int, as_text

__all__ = ["SEARCH", "WebSearch", "chosen_names", "parted"]

SEARCH = "web_search"
"""The name by which a choice among tools calls it."""

_KIND = re.compile(r"(web_search(_preview)?(_\d{4}_\d{2}_\d{2}|_\d{8})?|google_search)")
_OPTIONS, _MOST_CALLS = "web_search_options", "max_tool_calls"
_CODE = f"tools.{SEARCH}"
_MARKS = ("type", "name", "defer_loading", "strict", "cache_control")
_USUAL: Mapping[str, Json] = {
    "external_web_access": True,
    "search_content_types": ["text"],
    "searchTypes": {"webSearch": {}},
    "search_types": ["web_search"],
    "allowed_callers": ["direct"],
}
"""Settings that say what is so without them."""
_TOOL_OF_ANTHROPIC = "web_search_20250305"
"""The version that all models take, and all clouds that have one:
https://platform.claude.com/docs/en/agents-and-tools/tool-use/web-search-tool"""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSearch:
    """A search, and where and how often it may look."""

    allowed_domains: tuple[str, ...] = ()
    blocked_domains: tuple[str, ...] = ()
    location: Mapping[str, Json] = field(default_factory=dict)
    """Of the user: `city`, `region`, `country`, `timezone`."""
    context_size: str | None = None
    """How much of what is found the model reads: OpenAI's `low`, `medium`, `high`."""
    most: int | None = None
    """How often it may search for one answer."""
    always: bool = False
    """Whether it searches before each answer, as in chat completions, or where it sees fit."""
    extra: Mapping[str, Json] = field(default_factory=dict)
    """What only its own format says."""

    def as_options(self, losses: Losses) -> dict[str, Json]:
        """As chat completions ask for it, beside their tools.

        https://platform.openai.com/docs/guides/tools-web-search?api-mode=chat
        """
        self._note(losses, "allowed_domains", "blocked_domains", "max_uses", always=True)
        place: Json = {"type": "approximate", "approximate": dict(self.location)}
        named: dict[str, Json] = {
            "search_context_size": self.context_size,
            "user_location": place if self.location else None,
        }
        return {key: value for key, value in named.items() if value is not None}

    def as_openai_tool(self, losses: Losses) -> dict[str, Json]:
        """As responses offer it; how often it may be called stands beside the tools there."""
        self._note(losses, "blocked_domains")
        named: dict[str, Json] = {
            "filters": {"allowed_domains": [*self.allowed_domains]} if self.allowed_domains else {},
            "search_context_size": self.context_size,
            "user_location": self._place,
        }
        return {"type": SEARCH, **{key: value for key, value in named.items() if value}}

    def as_anthropic_tool(self, losses: Losses) -> dict[str, Json]:
        """As messages offer it, which take only one of the two lists of domains."""
        both = bool(self.allowed_domains and self.blocked_domains)
        self._note(losses, "search_context_size", *(["blocked_domains"] if both else []))
        named: dict[str, Json] = {
            "allowed_domains": [*self.allowed_domains],
            "blocked_domains": [] if both else [*self.blocked_domains],
            "max_uses": self.most,
            "user_location": self._place,
        }
        fields = {key: value for key, value in named.items() if value}
        return {"type": _TOOL_OF_ANTHROPIC, "name": SEARCH, **fields}

    @property
    def _place(self) -> Json:
        return {"type": "approximate", **self.location} if self.location else None

    def _note(self, losses: Losses, *lacking: str, always: bool = False) -> None:
        """Tell what the other format does not have of it."""
        options = {
            "allowed_domains": self.allowed_domains,
            "blocked_domains": self.blocked_domains,
            "max_uses": self.most,
            "search_context_size": self.context_size,
        }
        losses.add(*(f"{_CODE}.{key}" for key in lacking if options[key]))
        if self.always != always:
            losses.add(f"~{_CODE}")
        if self.extra.get("cache_control"):
            losses.add("tools.cache_control")
        usual = [key for key, value in _USUAL.items() if self.extra.get(key) == value]
        losses.keys(self.extra, f"{_CODE}.", known=(*_MARKS, *usual))


def parted(request: Request) -> tuple[WebSearch | None, Request]:
    """The search that a request offers the model, and the request without it."""
    for place, tool in enumerate(request.tools):
        if _KIND.fullmatch(tool.kind):
            left = (*request.tools[:place], *request.tools[place + 1 :])
            return _offered(tool, replace(request, tools=left))
    options = request.extra.get(_OPTIONS)
    if not isinstance(options, dict):
        return None, request
    others, choice = _without(request, _OPTIONS), request.tool_choice
    if choice is not None and choice.mode == "allowed":  # of the tools, among which it is none
        others = replace(others, tool_choice=replace(choice, names=(*choice.names, SEARCH)))
    return replace(_read(options), always=True), others


def chosen_names(choice: ToolChoice) -> tuple[str, ...]:
    """The tools that a choice names; OpenAI names those that it runs by their kind."""
    raw = choice.raw if isinstance(choice.raw, dict) and choice.mode == "tool" else {}
    kind = as_text(raw.get("type"))
    named = choice.names or ((kind,) if kind else ())
    return tuple(SEARCH if _KIND.fullmatch(name) else name for name in named)


def _offered(tool: Tool, others: Request) -> tuple[WebSearch, Request]:
    """A search among the tools; a limit of calls is its own where nothing else is hosted."""
    options = tool.extra.get("googleSearch", tool.extra)
    search = _read(options if isinstance(options, dict) else {})
    most = as_int(others.extra.get(_MOST_CALLS))
    if most is None or any(other.kind not in {"function", "custom"} for other in others.tools):
        return search, others
    return replace(search, most=most), _without(others, _MOST_CALLS)


def _read(options: dict[str, Json]) -> WebSearch:
    fields = Fields(options)
    filters = Fields(fields.object("filters"))
    search = WebSearch(
        allowed_domains=filters.words("allowed_domains") or fields.words("allowed_domains"),
        blocked_domains=(
            filters.words("blocked_domains")
            or fields.words("blocked_domains")
            or fields.words("excludeDomains")
        ),
        location=_location(fields),
        context_size=fields.text("search_context_size"),
        most=fields.integer("max_uses"),
    )
    return replace(search, extra={**fields.rest, **filters.rest})


def _location(fields: Fields) -> dict[str, Json]:
    outer = fields.object("user_location")
    inner = outer.get("approximate")
    place = inner if isinstance(inner, dict) else outer
    return {key: text for key, text in place.items() if key != "type" and as_text(text)}


def _without(request: Request, key: str) -> Request:
    rest = {name: value for name, value in request.extra.items() if name != key}
    return replace(request, extra=rest)
