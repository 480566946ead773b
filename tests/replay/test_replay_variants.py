"""Variants: which there are, what they change, and what they never read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from outside_files import NEEDLE, OUTSIDE, lead_out

from pytest_llmreplay.errors import ConfigError
from pytest_llmreplay.event import Event, Exchange, Failure, HttpRequest, Session
from pytest_llmreplay.providers.registry import decoder_of
from pytest_llmreplay.replay.config.file import load_config
from pytest_llmreplay.replay.variants.variant import Variant
from pytest_llmreplay.replay.variants.variants import Variants


def variants(folder: Path, text: str) -> Variants:
    """Those of a config file."""
    path = folder / "llmreplay.yaml"
    path.write_text(text, encoding="utf-8")
    return Variants(load_config(path), {})


def event(name: str = "p", **more: Any) -> Event:
    """An event that says something of itself."""
    request = HttpRequest(method="POST", url="https://api.openai.com/v1/chat/completions")
    exchange = Exchange(request=request, response=Failure(kind="connect"))
    told = {"number": 1, "provider": "openai", "model": "gpt-5-mini", "api": "chat_completions"}
    decoder = decoder_of("chat_completions")
    return Event(exchange=exchange, decoder=decoder, name=name, **{**told, **more})


def changed(variant: Variant | None, body: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A body of chat completions as the variant sends it."""
    assert variant is not None
    return variant.changed(event(**more), "chat_completions", body)


def test_rules_that_are_for_the_same_event_add_up(tmp_path: Path) -> None:
    """What one replaces, another adds to; two equal values are no contradiction."""
    (variant,) = variants(
        tmp_path,
        """
        variants:
          all:
          - set: {temperature: 0}
            system: {append: " B."}
            messages: {append: [{role: user, content: U}]}
          - {when: {prompt: p}, set: {temperature: 0, top_p: null}, system: {replace: A.}}
          - {when: {session: "Deb*", label.tier: [gold, silver]}, system: {append: " C."}}
          - {when: {prompt: other}, set: {temperature: 1}}
        """,
    ).chosen(["*"])
    told = {"session": Session(name="Debate"), "labels": {"tier": "silver"}}
    body = changed(variant, {"temperature": 1, "top_p": 1, "max_tokens": 9, "messages": []}, **told)
    assert {"temperature": 0, "max_tokens": 9} == {k: v for k, v in body.items() if k != "messages"}
    assert [("system", "A. B. C."), ("user", "U")] == [
        (turn["role"], turn["content"]) for turn in body["messages"]
    ]
    body = changed(variant, {"messages": []}, name="q")
    assert " B." == body["messages"][0]["content"]


@pytest.mark.parametrize(
    ("one", "other", "what"),
    [
        ("model: a", "model: b", "model"),
        ("set: {a: 1}", "set: {a.b: 1}", "a"),
        ("system: {replace: a}", "system: {replace: b}", "the system prompt"),
        (
            "messages: {replace: []}",
            "messages: {replace: [{role: user, content: x}]}",
            "the messages",
        ),
        ("tools: {describe: {f: a}}", "tools: {describe: {f: b}}", "the description of 'f'"),
        ("tools: {add: [{name: f}]}", "tools: {add: [{name: f, description: b}]}", "tool 'f'"),
    ],
)
def test_no_rule_wins_over_another(tmp_path: Path, one: str, other: str, what: str) -> None:
    """What is wanted differently for one event is refused, with both places."""
    text = f"variants:\n  v:\n  - {{{one}}}\n  - {{{other}}}\n"
    (variant,) = variants(tmp_path, text).chosen(["v"])
    assert variant is not None
    with pytest.raises(ConfigError) as caught:
        variant.edit_for(event())
    path = tmp_path / "llmreplay.yaml"
    said = (
        f"{path}:4: variant 'v': {what} is decided in this rule and, otherwise, in that of {path}:3"
    )
    assert str(caught.value).startswith(said)


def test_a_prompt_is_replaced_where_its_name_is_the_same(tmp_path: Path) -> None:
    """A name is no pattern, and the line feed that ends a file is none of the prompt."""
    (tmp_path / "p.md").write_text("Line.\nLine.\n", encoding="utf-8")
    text = "prompts: {'p*': [{name: v1, file: p.md}]}"
    (variant,) = variants(tmp_path, text).chosen(["v1"])
    assert "Line.\nLine." == changed(variant, {"messages": []}, name="p*")["messages"][0]["content"]
    assert [] == changed(variant, {"messages": []}, name="p1")["messages"]


def test_a_matrix_is_bounded(tmp_path: Path) -> None:
    """Ten prompts of ten versions each would be ten thousand million runs."""
    versions = ", ".join(f"{{name: v{n}, text: x}}" for n in range(10))
    prompts = ", ".join(f"p{n}: [{versions}]" for n in range(10))
    with pytest.raises(ConfigError, match="10,000,000,000 combinations, more than 10,000"):
        variants(tmp_path, f"prompts: {{{prompts}}}")


@pytest.mark.parametrize("name", OUTSIDE)
def test_no_prompt_comes_from_outside_the_project(tmp_path: Path, name: str) -> None:
    """T7: what is no small regular file below the config file is refused, without a word of it."""
    project = tmp_path / "project"
    project.mkdir()
    outside = lead_out(project)
    quoted = name.format(tmp=outside).replace("\\", "\\\\").replace("\x00", "\\0")
    found = variants(project, f'prompts: {{p: [{{name: v1, file: "{quoted}"}}]}}')
    with pytest.raises(ConfigError) as caught:
        found.chosen(["v1"])
    assert NEEDLE not in str(caught.value)
    assert "prompts.p.0.file: the prompt file " in str(caught.value)
