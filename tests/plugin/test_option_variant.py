"""`--llm-variant`: named changes to the requests of a replay, side by side."""

from __future__ import annotations

from typing import Any

import pytest
from made_cassettes import cassette, event
from projects import Project

IT = "cassettes/tests/test_app/test_it.yaml"
SYSTEM = {"role": "system", "content": "You judge."}

CONFIG = """
variants:
  terse:
    - when: {prompt: argument-evaluation}
      system: {append: " Keep the feedback short and concise."}
    - when: {prompt: assistant-argument, path: /debate/*}
      set: {temperature: 0}
  genius:
    when: {model: gpt-5*}
    system: {prepend: "You are a genius. "}
    model: gpt-5
"""
MATRIX = """
prompts:
  argument-evaluation: [{name: v1, file: prompts/eval.md}, {name: v2, text: Judge harshly.}]
  assistant-argument: [{name: a1, text: Argue.}, {name: a2, text: Argue well.}]
"""


def asking(number: int, name: str, path: str = "/debate/climate") -> str:
    """An event of a debate, with a system prompt."""
    messages = [SYSTEM, {"role": "user", "content": "Go on."}]
    body = {"messages": messages, "max_tokens": 9}
    return event(number, name=name, body=body, session={"id": "7", "path": path})


@pytest.fixture
def debate(project: Project) -> Project:
    """A project with a session of two prompts."""
    two = (asking(1, "argument-evaluation"), asking(2, "assistant-argument"))
    project.write(IT, cassette(*two))
    project.write("llmreplay.yaml", CONFIG)
    return project


def sent(project: Project) -> dict[str, list[Any]]:
    """The bodies that arrived, by the system prompt that they had."""
    found: dict[str, list[Any]] = {}
    for seen in project.server.seen:
        found.setdefault(seen.json["messages"][0]["content"], []).append(seen.json)
    return found


def test_rules_change_the_requests_that_they_are_for(debate: Project) -> None:
    """What no rule names stays as it was recorded; zero is a value."""
    result = debate.replay("--llm-variant=terse", "--llm-check=answered", "-v")
    node_id = "*::0001-argument-evaluation[[]same-terse[]] CHANGED*"
    result.stdout.fnmatch_lines(["llm replay: same-terse", node_id])
    bodies = sent(debate)
    (scored,) = bodies["You judge. Keep the feedback short and concise."]
    (argued,) = bodies["You judge."]
    assert (9, None) == (scored["max_tokens"], scored.get("temperature"))
    assert (9, 0) == (argued["max_tokens"], argued["temperature"])


def test_a_target_and_a_variant_are_a_row_of_their_own(debate: Project) -> None:
    """In node ids, in the summary, in what is accepted; `none` is the request as recorded."""
    options = ("--llm-variant=none", "--llm-variant=*", "--llm-model=same", "--llm-model=openai/m")
    result = debate.replay(*options, "--llm-check=answered", "-v", "--llm-record")
    names = ["same", "same-terse", "same-genius", "openai/m", "openai/m-terse", "openai/m-genius"]
    result.stdout.fnmatch_lines([f"llm replay: {', '.join(names)}"])
    result.stdout.fnmatch_lines([f"*::0002-assistant-argument[[]{name}[]] *" for name in names])
    result.stdout.fnmatch_lines(["12 calls *"])
    models = [seen.json["model"] for seen in debate.server.seen]
    assert {"gpt-5-mini": 4, "m": 4, "gpt-5": 4} == {one: models.count(one) for one in models}
    text = (debate.path / IT).read_text()
    assert 2 == text.count("--- # accepted 1 openai/m-")
    assert 1 == text.count("--- # accepted 1 same-terse")
    # What is accepted for `same` is the recording itself; a variant of it is another question.
    assert "Keep the feedback short" not in text


def test_every_combination_of_prompts_is_a_variant(debate: Project) -> None:
    """Each replaces the system prompts of its prompts; a glob chooses among them."""
    debate.write("llmreplay.yaml", MATRIX)
    debate.write("prompts/eval.md", "Judge kindly.\n\n")
    result = debate.replay("--llm-variant=v1-*", "--llm-check=answered")
    result.stdout.fnmatch_lines(["llm replay: same-v1-a1, same-v1-a2"])
    assert ["Argue well.", "Argue.", "Judge kindly."] == sorted(sent(debate))
    debate.server.reset()
    result = debate.replay("--llm-variant=*", "--llm-model=gpt-5-mini", "--llm-estimate")
    names = [f"gpt-5-mini-v{judge}-a{argue}" for judge in (1, 2) for argue in (1, 2)]
    result.stdout.fnmatch_lines([f"*{name}*2*" for name in names])
    assert [] == debate.server.seen


def test_a_rule_that_is_for_no_event_is_said(debate: Project) -> None:
    """With what there is, and where the rule stands; before money is spent, too."""
    debate.write(
        "llmreplay.yaml",
        """
        variants:
          terse:
            - when: {prompt: argument-evaluatoin}
              system: {append: x}
            - when: {path: /debate/climate, label.tier: gold}
              system: {append: y}
            - when: {prompt: argument-*, api: chat_completions}
              system: {append: z}
        """,
    )
    said = [
        "llmreplay.yaml:4: variant 'terse': no event here has prompt=argument-evaluatoin; *",
        "llmreplay.yaml:6: variant 'terse': no event here has label.tier=gold; none says any",
    ]
    options = ("--llm-variant=terse", "--llm-check=answered")
    printed = debate.replay(*options).stdout
    printed.fnmatch_lines(said)
    printed.fnmatch_lines(["*; there are: argument-evaluation, assistant-argument"])
    printed.no_fnmatch_line("llmreplay.yaml:8: *")
    debate.replay(*options, "--llm-estimate").stdout.fnmatch_lines(said)


def test_edits_that_contradict_each_other_are_refused(debate: Project) -> None:
    """Before anything is sent, with both places and the event."""
    debate.write(
        "llmreplay.yaml",
        """
        variants:
          hot:
            - when: {model: gpt-*}
              set: {temperature: 1}
            - when: {prompt: assistant-*}
              set: {temperature: 0}
        """,
    )
    said = (
        "ERROR: llmreplay.yaml:6: variant 'hot': temperature is decided in this rule and, "
        "otherwise, in that of llmreplay.yaml:4; both are for event 2 (assistant-argument)"
    )
    debate.refuses("--llm-variant=hot", said)
    result = debate.replay("--llm-variant=hot", "--llm-estimate")
    assert (pytest.ExitCode.USAGE_ERROR, []) == (result.ret, debate.server.seen)
    result.stderr.fnmatch_lines([said])


WRONG = [
    ("variants: [1]", "1: variants: expected names, each with its rules"),
    ("variants: {a: []}", "1: variants.a: expected a list of rules"),
    ("variants: {a b: {set: {t: 0}}}", "1: variants.a b: 'a b' is no name; *"),
    ("variants: {none: {set: {t: 0}}}", "1: variants.none: 'none' stands for the requests *"),
    ("variants: {a: {when: {prompt: x}}}", "1: variants.a: the rule changes nothing; *"),
    ("variants: {a: {sytem: {append: x}}}", "1: variants.a.sytem: unknown key; did you mean *"),
    ("variants: {a: {when: {promt: x}, model: m}}", "*.promt: unknown key 'promt'; did you *"),
    ("variants: {a: {when: {prompt: 1}, model: m}}", "*.prompt: expected a pattern such as *"),
    ("variants: {a: {set: {model: m}}}", "*: 'model' is edited by a key beside `set`"),
    ("variants: {a: {set: {a..b: m}}}", "*: a key is words joined by single dots"),
    ("variants: {a: {set: 1}}", "1: variants.a.set: expected keys and values"),
    (
        "variants:\n  a:\n  - system:\n      replace: x\n      append: y",
        "5: variants.a.0.system.append: contradicts `replace`, which says all there is",
    ),
    (
        "variants: {a: {tools: {remove: ['se*'], describe: {search: x}}}}",
        "1: variants.a.tools.describe.search: contradicts `remove: [[]se*[]]`",
    ),
    ("variants: {a: {tools: {add: [{name: 1}]}}}", "1: variants.a.tools.add.0.name: expected *"),
    ("variants: {a: {tools: {add: {}}}}", "1: variants.a.tools.add: expected a list"),
    ("variants: {a: {messages: {append: x}}}", "1: *.append: expected a list of messages"),
    (
        "variants: {a: {messages: {append: [{role: x, content: y}]}}}",
        "1: *.role: expected one of *",
    ),
    ("prompts: [1]", "1: prompts: expected the names of prompts, each with its versions"),
    ("prompts: {p: []}", "1: prompts.p: expected a list of versions"),
    ("prompts: {p: [{name: a}]}", "1: prompts.p.0: a version has either a `text` or a `file`"),
    ("prompts:\n  p: [{name: a, text: x},\n  {name: a, text: y}]", "3: *: a second version 'a'"),
    (
        "prompts: {p: [{name: a, file: no.md}]}",
        "1: prompts.p.0.file: the prompt file does not exist",
    ),
    (
        "variants: {v1: {model: m}}\nprompts: {p: [{name: v1, text: x}]}",
        "2: prompts: a second variant 'v1'",
    ),
]


@pytest.mark.parametrize(("text", "said"), WRONG)
def test_a_wrong_section_is_one_clear_error(debate: Project, text: str, said: str) -> None:
    """Exit code 4, file and line, no traceback, nothing sent."""
    debate.write("llmreplay.yaml", text)
    debate.refuses("--llm-variant=*", f"ERROR: llmreplay.yaml:{said}")


def test_a_variant_that_does_not_exist_is_refused(debate: Project) -> None:
    """With the nearest one, and all of them."""
    said = "ERROR: --llm-variant: no variant 'ters'; did you mean 'terse'? Variants: terse, genius"
    debate.refuses("--llm-variant=ters", said)
    debate.write("llmreplay.yaml", "checks: [text]")
    said = "ERROR: --llm-variant: no variant 'x'; there are no `variants:` and no `prompts:` in *"
    debate.refuses("--llm-variant=x", said)
    result = debate.run("--llm-replay", "--llm-variant=x", "--llm-model=recorded")
    assert pytest.ExitCode.USAGE_ERROR == result.ret
