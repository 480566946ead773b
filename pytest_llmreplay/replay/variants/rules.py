"""The rules of a variant, as a config file has them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from typing import cast

from pytest_llmreplay.cassette.yaml_text.fields import Fields, Path, WrongField
from pytest_llmreplay.event import Json, Tool
from pytest_llmreplay.providers.editing import AddedTurn, ToolsEdit, TurnsEdit, WordsEdit
from pytest_llmreplay.replay.overrides import not_set
from pytest_llmreplay.replay.selecting.selector import Selector, is_key, nearest_key

from .edit import Edit
from .variant import Rule

__all__ = ["read_rules"]

_EDITS = frozenset(("model", "set", "system", "messages", "tools"))
_RULE = _EDITS | {"when"}
_ENDS = frozenset(("replace", "prepend", "append"))
_TOOLS = frozenset(("remove", "describe", "add"))
_TOOL = frozenset(("name", "description", "parameters"))
_TURN = frozenset(("role", "content"))


def read_rules(value: Json, path: Path, place: Callable[[Path], str]) -> tuple[Rule, ...]:
    """The rules of one variant: a list of them, or one alone.

    Args:
        value: What the file has.
        path: Where in the file that is.
        place: File and line of a path.

    Raises:
        WrongField: It cannot be understood, or contradicts itself.
    """
    if isinstance(value, dict):
        return (_rule(value, path, place),)
    if not isinstance(value, list) or not value:
        raise WrongField(path, "expected a list of rules")
    return tuple(_rule(rule, (*path, at), place) for at, rule in enumerate(value))


def _rule(value: Json, path: Path, place: Callable[[Path], str]) -> Rule:
    fields = Fields(value, path, _RULE)
    if fields.value.keys() <= {"when"}:
        raise WrongField(path, f"the rule changes nothing; it may have {', '.join(sorted(_EDITS))}")
    edit = Edit(
        model=fields.text_or_none("model"),
        set=_parameters(fields),
        system=_system(fields),
        messages=_messages(fields),
        tools=_tools(fields),
    )
    return Rule(when=_selector(fields), edit=edit, place=place(path))


def _selector(fields: Fields) -> Selector:
    if "when" not in fields:
        return Selector()
    path = (*fields.path, "when")
    keys = _mapping(fields.value["when"], path)
    globs: dict[str, tuple[str, ...]] = {}
    for key, value in keys.items():
        if not is_key(key):
            raise WrongField((*path, key), nearest_key(key))
        texts = value if isinstance(value, list) else [value]
        if not texts or not all(isinstance(text, str) for text in texts):
            raise WrongField((*path, key), "expected a pattern such as support-*, or a list")
        globs[key] = tuple(cast("list[str]", texts))
    return Selector(globs=globs)


def _parameters(fields: Fields) -> Mapping[str, Json]:
    if "set" not in fields:
        return {}
    path = (*fields.path, "set")
    parameters = _mapping(fields.value["set"], path)
    for key in parameters:
        if not_set(key) is not None:
            raise WrongField((*path, key), f"{key!r} is edited by a key beside `set`")
        if not all(key.split(".")):
            raise WrongField((*path, key), "a key is words joined by single dots")
    return parameters


def _system(fields: Fields) -> WordsEdit | None:
    ends = _ends(fields, "system")
    if ends is None:
        return None
    replace = ends.text_or_none("replace")
    prepend, append = ends.text_or_none("prepend"), ends.text_or_none("append")
    return WordsEdit(replace=replace, prepend=prepend or "", append=append or "")


def _messages(fields: Fields) -> TurnsEdit | None:
    ends = _ends(fields, "messages")
    if ends is None:
        return None
    return TurnsEdit(
        replace=_turns(ends, "replace") if "replace" in ends else None,
        prepend=_turns(ends, "prepend"),
        append=_turns(ends, "append"),
    )


def _ends(fields: Fields, key: str) -> Fields | None:
    """What is said of a text or a list that may be replaced, or added to at its ends."""
    if key not in fields:
        return None
    ends = Fields(fields.value[key], (*fields.path, key), _ENDS)
    if "replace" in ends and len(ends.value) > 1:
        other = next(name for name in ends.value if name != "replace")
        raise WrongField((*ends.path, other), "contradicts `replace`, which says all there is")
    return ends


def _turns(ends: Fields, key: str) -> tuple[AddedTurn, ...]:
    turns = ends.value.get(key, [])
    path = (*ends.path, key)
    if not isinstance(turns, list):
        raise WrongField(path, "expected a list of messages")
    return tuple(_turn(turn, (*path, at)) for at, turn in enumerate(turns))


def _turn(value: Json, path: Path) -> AddedTurn:
    fields = Fields(value, path, _TURN)
    role = fields.choice("role", ("user", "assistant"), "")
    return AddedTurn(role=role, text=fields.text("content"))  # type: ignore[arg-type]  # one of the two


def _tools(fields: Fields) -> ToolsEdit | None:
    if "tools" not in fields:
        return None
    tools = Fields(fields.value["tools"], (*fields.path, "tools"), _TOOLS)
    edit = ToolsEdit(
        remove=tools.texts("remove"),
        describe=tools.texts_by_name("describe"),
        add=tuple(_tool(tool, path) for tool, path in _listed(tools, "add")),
    )
    for name in edit.describe:
        glob = next((glob for glob in edit.remove if fnmatchcase(name, glob)), None)
        if glob is not None:
            raise WrongField((*tools.path, "describe", name), f"contradicts `remove: [{glob}]`")
    return edit


def _tool(value: Json, path: Path) -> Tool:
    fields = Fields(value, path, _TOOL)
    schema = fields.value.get("parameters")
    if schema is not None:
        _mapping(schema, (*path, "parameters"))
    return Tool(
        kind="function",
        name=fields.text("name"),
        description=fields.text_or_none("description"),
        parameters=schema,
    )


def _listed(fields: Fields, key: str) -> list[tuple[Json, Path]]:
    value, path = fields.value.get(key, []), (*fields.path, key)
    if not isinstance(value, list):
        raise WrongField(path, "expected a list")
    return [(one, (*path, at)) for at, one in enumerate(value)]


def _mapping(value: Json, path: Path) -> dict[str, Json]:
    if not isinstance(value, dict):
        raise WrongField(path, "expected keys and values")
    return value
