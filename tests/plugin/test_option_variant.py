"""`--llm-variant`: named changes to the requests of a replay, side by side."""

from __future__ import annotations

import json
import textwrap
from typing import Any

import pytest
from made_cassettes import cassette, event
from projects import Project
from sdk_clients import needs
from servers.provider_server import cuts, says

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
    result.stdout.fnmatch_lines(["requests as recorded *, and as the variants change them"])
    result.stdout.fnmatch_lines(["same-v1-a2 *  2 calls", "4 calls in all"])
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
        "  argument-evaluation, assistant-argument",
        "llmreplay.yaml:6: variant 'terse': no event here has label.tier=gold; no event has any",
    ]
    options = ("--llm-variant=terse", "--llm-check=answered")
    printed = debate.replay(*options).stdout
    printed.fnmatch_lines(said)
    printed.no_fnmatch_line("llmreplay.yaml:8: *")
    debate.replay(*options, "--llm-estimate").stdout.fnmatch_lines(said)
    rules = "[{when: {prompt: a*}, model: m}, {when: {prompt: x}, set: {a: 1}}]"
    debate.write("llmreplay.yaml", f"variants: {{terse: {rules}}}")
    printed = debate.replay(*options).stdout
    printed.fnmatch_lines(["llmreplay.yaml:1: variant 'terse': no event here has prompt=x; *"])


def test_a_rule_for_a_tool_that_nobody_offers_is_said(project: Project) -> None:
    """It would change nothing; the tools that there are stand beside it."""
    body = {
        "messages": [{"role": "user", "content": "Go on."}],
        "tools": [{"type": "function", "function": {"name": "search_web"}}, {"type": "retrieval"}],
    }
    project.write(IT, cassette(event(1, body=body), event(2, name="plain")))
    project.write(
        "llmreplay.yaml",
        """
        variants:
          few:
            - tools: {remove: [serach_*, search_*, retrieval], describe: {refund: Pays back.}}
            - when: {prompt: plain}
              tools: {remove: [search_web]}
        """,
    )
    said = [
        "llmreplay.yaml:4: variant 'few': no event here offers the tool serach_[*]; there are: *",
        "llmreplay.yaml:4: variant 'few': no event here offers the tool refund; there are: *",
        "llmreplay.yaml:5: variant 'few': no event here offers the tool search_web; no event has *",
    ]
    options = ("--llm-variant=few", "--llm-check=answered")
    printed = project.replay(*options).stdout
    printed.fnmatch_lines(said)
    printed.no_fnmatch_line("*the tool search_[*]*")
    printed.no_fnmatch_line("*the tool retrieval*")
    project.replay(*options, "--llm-estimate").stdout.fnmatch_lines(said)


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


@pytest.mark.parametrize("described_first", [False, True])
def test_a_tool_is_not_described_and_removed(debate: Project, *, described_first: bool) -> None:
    """By two rules as little as by one."""
    rules = ["- tools: {remove: [se*]}", "- tools: {describe: {search: Searches.}}"]
    variant = "\n".join(reversed(rules) if described_first else rules)
    debate.write("llmreplay.yaml", f"variants:\n  few:\n{textwrap.indent(variant, '  ')}\n")
    said = "ERROR: llmreplay.yaml:4: variant 'few': the description of 'search' is decided in *"
    debate.refuses("--llm-variant=few", said)


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
        "1: prompts.p.0.file: the prompt file 'no.md' does not exist",
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


LONG = """
variants:
  long: {system: {append: "%s"}}
"""


def test_the_words_of_a_variant_cost_money(debate: Project) -> None:
    """An estimate counts them, a quarter of a token for a byte."""
    debate.write("llmreplay.yaml", LONG % ("x" * 4000))
    options = ("--llm-variant=none", "--llm-variant=long", "--llm-model=openai/gpt-5-mini")
    result = debate.run("--llm-replay", *options, "--llm-estimate")
    result.stdout.fnmatch_lines(
        ["openai/gpt-5-mini * 2 * 18 * 6 *", "openai/gpt-5-mini-long * 2 * 2,018 * 6 *"]
    )


RECORDED = """
    @pytest.mark.llm_cassette
    def test_it():
        url, key = os.environ["CHAT_URL"], "sk-test-0123456789abcdef0123"
        tools = [{"name": "search", "parameters": {"type": "object", "properties": {}}}]
        with openai.OpenAI(api_key=key, base_url=url) as client:
            messages = [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "A"}]
            functions = [{"type": "function", "function": tool} for tool in tools]
            client.chat.completions.create(model="gpt-5-mini", messages=messages, tools=functions)
            client.responses.create(
                model="gpt-5-mini", input="A", instructions="Be kind.",
                tools=[{"type": "function", "strict": False, **tool} for tool in tools],
            )
        url = os.environ["MESSAGES_URL"]
        with anthropic.Anthropic(api_key="sk-ant-test-0123456789abcdef", base_url=url) as client:
            client.messages.create(
                model="claude-sonnet-4-6", max_tokens=9,
                messages=[{"role": "user", "content": "A"}],
                system=[
                    {"type": "text", "text": "Be kind.", "cache_control": {"type": "ephemeral"}}
                ],
                tools=[{"name": "search", "input_schema": tools[0]["parameters"]}],
            )
"""
ALL = """
variants:
  all:
    system: {prepend: "Now: ", append: " Be brief."}
    messages: {append: [{role: assistant, content: B}, {role: user, content: C}]}
    tools: {describe: {search: Better.}, add: [{name: refund}]}
    set: {temperature: 0}
"""


@needs(openai="1.92")
def test_every_format_is_changed_in_its_own_words(project: Project) -> None:
    """What SDKs sent is sent again with the changes, and with nothing else changed."""
    project.tests(RECORDED)
    project.record().assert_outcomes(passed=1)
    recorded = [seen.json for seen in project.server.seen]
    project.server.reset()
    project.write("llmreplay.yaml", ALL)
    options = ("--llm-variant=all", "--llm-check=answered", "--llm-concurrency=1")
    same = ("--llm-model=same", "--llm-base-url", project.server.openai)
    assert 0 == project.run("--llm-replay", *same, *options).ret
    chat, responses, messages = [seen.json for seen in project.server.seen]
    prompt, turns = "Now: Be kind. Be brief.", [("user", "A"), ("assistant", "B"), ("user", "C")]
    assert prompt == chat["messages"][0]["content"] == responses["instructions"]
    assert [recorded[2]["system"][0] | {"text": prompt}] == messages["system"]
    for said in (chat["messages"][1:], responses["input"], messages["messages"]):
        assert turns == [(turn["role"], turn["content"]) for turn in said]
    names = [[tool["function"]["name"] for tool in chat["tools"]]]
    names += [[tool["name"] for tool in body["tools"]] for body in (responses, messages)]
    assert [["search", "refund"]] * 3 == names
    assert 3 == json.dumps([chat, responses, messages]).count("Better.")
    changed = {"messages", "input", "instructions", "system", "tools", "temperature"}
    for before, after in zip(recorded, (chat, responses, messages), strict=True):
        rest = {key: value for key, value in after.items() if key not in changed}
        assert {key: value for key, value in before.items() if key not in changed} == rest
        assert 0 == after["temperature"]


def test_a_target_of_another_format_gets_the_changes_too(debate: Project) -> None:
    """They are made in the format in which the target is asked."""
    target = "{provider: anthropic, model: m, api: messages, base_url: %s}"
    debate.write("llmreplay.yaml", f"targets:\n  c: {target % debate.server.anthropic}\n{CONFIG}")
    debate.run("--llm-replay", "--llm-model=c", "--llm-variant=terse", "--llm-check=answered")
    systems = {json.dumps(seen.json["system"]) for seen in debate.server.seen}
    assert any("You judge. Keep the feedback short and concise." in said for said in systems)
    assert {"/v1/messages"} == {seen.path for seen in debate.server.seen}


def test_a_run_goes_on_with_its_variants(debate: Project) -> None:
    """An answer to one variant stands for no other; what failed is repeated in its variant."""
    debate.server.next(says("A."), says("A."), cuts())
    options = ("--llm-variant=none", "--llm-variant=terse", "--llm-check=answered")
    first = debate.replay("-p", "cacheprovider", "--llm-concurrency=1", "--llm-retries=0", *options)
    first.assert_outcomes(failed=1)
    (failed,) = (line for line in first.outlines if line.startswith("FAILED"))
    again = "".join(line.strip(" \\") + " " for line in first.outlines).partition("again ")[2]
    assert "--llm-variant none --llm-variant terse" in again
    sent_before = len(debate.server.seen)
    result = debate.replay("-p", "cacheprovider", "--lf", "-v", *options)
    assert 1 + sent_before == len(debate.server.seen)
    result.stdout.fnmatch_lines([f"*{failed.split()[1].rpartition('::')[2].replace('[', '[[]')} *"])


def test_a_verdict_over_the_run_is_one_for_each_variant(debate: Project) -> None:
    """Samples and gates know a target with a variant as one of their own."""
    options = ("--llm-variant=*", "--llm-gate=run", "--llm-samples=2", "--llm-check=answered")
    result = debate.replay(*options, "-v")
    said = [f"llm-run::verdict[[]same-{name}[]] *" for name in ("terse", "genius")]
    result.stdout.fnmatch_lines(said)
    assert 8 == len(debate.server.seen)


def test_stored_answers_are_judged_by_their_variant(debate: Project) -> None:
    """`--llm-model` chooses a target with all of its variants; nothing is changed any more."""
    debate.replay("--llm-variant=*", "--llm-check=answered")
    sent_before = len(debate.server.seen)
    result = debate.run(
        "--llm-replay", "--llm-rejudge=run-1", "--llm-model=same", "--llm-check=text", "-v"
    )
    result.stdout.fnmatch_lines(["*0001-argument-evaluation[[]same-terse[]] FAILED*"])
    result.stdout.fnmatch_lines(["*0002-assistant-argument[[]same-genius[]] FAILED*"])
    assert sent_before == len(debate.server.seen)
    refused = debate.run("--llm-replay", "--llm-rejudge=run-1", "--llm-variant=terse")
    refused.stderr.fnmatch_lines(["ERROR: --llm-rejudge sends nothing: leave --llm-variant out"])


OWN = """
def shorter(event, body):
    assert event.name != "assistant-argument", "needs all of it"
    body["messages"] = body["messages"][-1:]

def other(event, body):
    return {**body, "model": "other", "seed": 7}

def pytest_llmreplay_variants():
    return {"shorter": shorter, "other": other}
"""


def test_a_function_of_a_conftest_is_a_variant(debate: Project) -> None:
    """It changes the body, or returns another; what it raises is the event's error."""
    debate.write("conftest.py", OWN)
    result = debate.replay("--llm-variant=shorter", "--llm-variant=other", "--llm-check=answered")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*error: variant 'shorter': AssertionError: needs all of it*"])
    bodies = [seen.json for seen in debate.server.seen]
    assert [1] == [len(body["messages"]) for body in bodies if "seed" not in body]
    assert [("other", 7)] * 2 == [
        (body["model"], body["seed"]) for body in bodies if "seed" in body
    ]


@pytest.mark.parametrize(
    ("does", "said"),
    [
        ("return []", "TypeError: gave [[][]], which is no body"),
        ("body['top_p'] = float('inf')", "ValueError: Out of range float values*"),
        ("raise SystemExit('no')", "SystemExit: no"),
    ],
)
def test_a_function_that_makes_no_request_sends_none(debate: Project, does: str, said: str) -> None:
    """Nobody pays for a body that is none, or that is no JSON."""
    text = f"def odd(event, body):\n    {does}\n\n\n"
    debate.write(
        "conftest.py", f"{text}def pytest_llmreplay_variants():\n    return {{'odd': odd}}\n"
    )
    result = debate.replay("--llm-variant=odd", "-k0001")
    result.stdout.fnmatch_lines([f"error: variant 'odd': {said}"])
    assert [] == debate.server.seen


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("[1]", "[[]1[]] is no mapping of names to functions"),
        ("{'a b': print}", "'a b' is no name; *"),
        ("{'a': 1}", "'a' is 1, not a function"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
    ],
)
def test_a_wrong_hook_is_one_clear_error(debate: Project, given: str, said: str) -> None:
    """Exit code 4, nothing sent."""
    debate.write("conftest.py", f"def pytest_llmreplay_variants():\n    return {given}\n")
    debate.refuses("--llm-variant=terse", f"ERROR: pytest_llmreplay_variants: {said}")


def test_tests_themselves_run_with_a_variant(debate: Project) -> None:
    """Of one at a time, as of one target."""
    debate.tests(
        """
        def test_it(llm_cassette):
            with llm_cassette.step(prompt="assistant-argument", path="/debate/x"):
                assert "Echo: hi" == chat("hi")
        """
    )
    options = ("--llm-replay-tests", "--llm-model=same", "--llm-base-url", debate.server.openai)
    debate.run(*options, "--llm-variant=terse").assert_outcomes(passed=1)
    assert 0 == debate.server.seen[0].json["temperature"]
    result = debate.run(*options, "--llm-variant=*")
    result.stderr.fnmatch_lines(["*one target at a time, not same-terse, same-genius*"])


def test_a_noise_floor_is_that_of_the_requests_as_recorded(debate: Project) -> None:
    """A variant would measure another question."""
    result = debate.replay("--llm-calibrate", "--llm-variant=terse")
    result.stderr.fnmatch_lines(["ERROR: --llm-calibrate: *; leave --llm-variant out*"])


def test_simulated_models_answer_variants(debate: Project) -> None:
    """Offline, as the recording does: whether a matrix is set up as it is meant."""
    options = ("--llm-model=simulated/steady", "--llm-variant=none", "--llm-variant=*")
    result = debate.run("--llm-replay", *options)
    result.assert_outcomes(passed=6)
    names = ["simulated/steady", "simulated/steady-terse", "simulated/steady-genius"]
    result.stdout.fnmatch_lines([f"llm replay: {', '.join(names)}"])


def test_a_session_that_runs_freely_has_its_variant_in_every_turn(project: Project) -> None:
    """The target's own words stand in its later requests, and the changed prompt before them."""
    first = [SYSTEM, {"role": "user", "content": "One."}]
    second = [
        *first,
        {"role": "assistant", "content": "Hello."},
        {"role": "user", "content": "Two."},
    ]
    events = (event(1, body={"messages": first}), event(2, body={"messages": second}))
    project.write(IT, cassette(*events, session={"id": "7"}))
    project.write("llmreplay.yaml", "variants: {new: {system: {replace: New.}}}")
    project.server.next(says("Good day."))
    options = ("--llm-history=replayed", "--llm-variant=new", "--llm-check=answered")
    project.replay(*options)
    turns = [turn["content"] for turn in project.server.seen[1].json["messages"]]
    assert ["New.", "One.", "Good day.", "Two."] == turns
