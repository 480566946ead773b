"""Checks as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmreplay.compare.specs.layers import Layer, in_force
from pytest_llmreplay.compare.specs.parsing import parse_checks
from pytest_llmreplay.compare.specs.scoped import scope
from pytest_llmreplay.errors import CheckSyntaxError


def written(*specs: str) -> list[tuple[str, bool]]:
    """Each check in force and whether it is gated."""
    return [(check.spec, check.gated) for check in parse_checks(specs)]


def test_exact_is_five_checks() -> None:
    """The default set compares words, calls, ending, tokens and latency."""
    assert [
        ("text", True),
        ("tool_calls", True),
        ("finish_reason", True),
        ("tokens<=2x", True),
        ("latency<=5x", True),
    ] == written("exact")


def test_a_named_check_takes_the_place_of_a_member_about_the_same_subject() -> None:
    """`exact, warn:text, tokens<=1.3x` is `exact` with other words allowed and fewer tokens."""
    assert [
        ("tool_calls", True),
        ("finish_reason", True),
        ("latency<=5x", True),
        ("text", False),
        ("tokens<=1.3x", True),
    ] == written("exact", "warn:text", "tokens<=1.3x")


def test_two_budgets_for_one_figure_are_both_kept() -> None:
    """What was asked for by name stays beside another of its subject."""
    assert [("tokens<=2x", True), ("tokens<=4000", True)] == written("tokens<=2x", "tokens<=4000")


def test_warn_in_front_of_a_set_reports_all_of_it() -> None:
    """Nothing of `warn:exact` is gated."""
    assert {False} == {gated for _, gated in written("warn:exact")}


def test_the_same_check_again_is_the_later_one() -> None:
    """The way to let one check go works whoever asked for it."""
    assert [("text", False)] == written("text", "warn:text")


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (
            "tool_call",
            "unknown check 'tool_call'; did you mean 'tool_calls'?\n  tool_call\n  ^\nKnown: ",
        ),
        (
            "warn:tokens<=fast",
            "write <=1.3x, <=+200 or <=4000\n  warn:tokens<=fast\n               ^",
        ),
        ("tokens<=1.3", "write <=1.3x, <=+200 or <=4000\n  tokens<=1.3\n          ^"),
        ("latency", "a budget follows here: <=2x, <=+500ms or <=3s\n  latency\n         ^"),
        (
            "text, cost<=2x",
            "'text' is a check; the next is an entry of its own\n  text, cost<=2x\n      ^",
        ),
        (
            "warn:judge<=1",
            "write judge>=0.8, or judge>=-0.1 for a drop\n  warn:judge<=1\n            ^",
        ),
        ("", "unknown check ''\n  \n  ^\n"),
        ("t\u00e9xt", "unknown check 't\\xe9xt'; did you mean 'text'?\n  t\\xe9xt\n  ^\n"),
        ("cost<=\x1b[2J", "\n  cost<=\\x1b[2J\n        ^"),
    ],
)
def test_a_check_that_cannot_be_read_is_pointed_at(spec: str, message: str) -> None:
    """The message names the problem and points at the character; an unknown name gets the list."""
    with pytest.raises(CheckSyntaxError) as caught:
        parse_checks([spec])
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("spec", "problem", "column"),
    [
        ("text>=2", "a similarity from 0 to 1 follows here: text>=0.9", 6),
        ("text>=nan", "a similarity from 0 to 1 follows here: text>=0.9", 6),
        ("contains:", "the text that the answer has to contain follows here", 9),
        ("warn:regex:a(b", "this is no regular expression: missing )", 14),
        ("regex:(?:a{999}){999}", "this regular expression is too large", 6),
        ("schema:", "'request', or the path of a JSON Schema in the project, follows here", 7),
        ("schema:a.json", "a schema file is read for a cassette of a project alone", 7),
        ("tool_calls:except=a.b,c", "an argument follows here: NAME.ARG, refund_order.reason", 22),
        ("tool_calls:nams", "unknown check 'tool_calls:nams'; did you mean 'tool_calls:names'?", 0),
        ("session:cost", "a budget follows here: <=1.1x, <=+$0.01 or <=$0.02", 12),
        ("session:trajectory:in", "nothing follows here, or :ordered, :subset, :final", 18),
        ("run:latency<=2x", "a percentile follows here: latency.p50 to latency.p99", 11),
        ("run:latency.p100<=2x", "a percentile follows here: latency.p50 to latency.p99", 11),
        ("warn:run:ttft.p50<=fast", "this is no amount; write <=2x, <=+500ms or <=3s", 19),
        ("run:judge>=2", "a score follows here: judge>=0.8, or judge>=-0.05 for a drop", 9),
        (
            "session:model",
            "one of trajectory, tokens, input_tokens, output_tokens, latency, cost follows here",
            8,
        ),
    ],
)
def test_an_argument_that_cannot_be_read_is_pointed_at(
    spec: str, problem: str, column: int
) -> None:
    """The caret stands below the first character that is wrong."""
    with pytest.raises(CheckSyntaxError) as caught:
        parse_checks([spec])
    assert [problem, f"  {spec}", f"  {' ' * column}^"] == str(caught.value).split("\n")[:3]


@pytest.mark.parametrize(
    ("spec", "meant"),
    [
        ("text>0.9", "text>=0.9"),
        ("text = 0.9", "text>=0.9"),
        ("text=>0.9", "text>=0.9"),
        ("judge>0.8", "judge>=0.8"),
        ("warn:tokens<1.3x", "tokens<=1.3x"),
        ("latency<2s", "latency<=2s"),
        ("latency <= 2s", "latency<=2s"),
        ("cost\u2264$0.02", "cost<=$0.02"),
        ("session:cost<$0.10", "session:cost<=$0.10"),
        ("run:latency.p95<1.2x", "run:latency.p95<=1.2x"),
        ("run:judge>-0.05", "run:judge>=-0.05"),
    ],
)
def test_another_sign_of_comparison_is_told_with_the_right_one(spec: str, meant: str) -> None:
    """Most people write `>` where a check takes `>=` alone."""
    with pytest.raises(CheckSyntaxError) as caught:
        parse_checks([spec])
    assert str(caught.value).split("\n")[0].endswith(f"; did you mean {meant!r}?")


@pytest.mark.parametrize("spec", ["text<0.9", "text<=0.9", "tokens>100", "latency<2", "judge>7"])
def test_a_comparison_that_no_sign_makes_right_gets_the_examples_alone(spec: str) -> None:
    """The other way round is not what was meant, and an amount may be wrong too."""
    with pytest.raises(CheckSyntaxError) as caught:
        parse_checks([spec])
    first = str(caught.value).split("\n")[0]
    assert "=" in first
    assert "did you mean" not in first


@pytest.mark.parametrize("depth", [499, 600])
def test_an_expression_of_brackets_alone_is_refused(depth: int) -> None:
    """It breaks neither the compiler nor the message."""
    with pytest.raises(CheckSyntaxError, match="regular expression"):
        parse_checks([f"regex:{'(' * depth}{')' * depth}"])


@given(st.text(max_size=300))
def test_no_text_gets_past_the_grammar_or_breaks_it(spec: str) -> None:
    """Whatever stands in a cassette is read or refused, in printable ASCII."""
    try:
        parse_checks([spec])
    except CheckSyntaxError as refused:
        said = str(refused)
        assert said.replace("\n", "").isascii()
        assert said.replace("\n", "").isprintable()
        lines = said.split("\n")
        assert (3 == len(lines)) != ("Known: " in said)
        assert max(map(len, lines[3:]), default=0) < 80


@given(
    st.sampled_from(["text>=", "regex:", "tool_calls:except=", "session:", "run:", "run:latency"]),
    st.text(alphabet="abcxp.,:<=>+-$0123456789(){}[]*?\\", max_size=30),
)
def test_what_follows_a_known_beginning_is_read_or_refused(beginning: str, rest: str) -> None:
    """No argument of a check breaks the grammar."""
    said = ""
    try:
        parse_checks([beginning + rest])
    except CheckSyntaxError as refused:
        said = str(refused)
    assert not said or 3 <= len(said.split("\n"))


def test_a_cassette_adds_to_the_default_and_every_check_keeps_its_source() -> None:
    """The summary can say what is in force and who asked for it."""
    found = in_force(
        [
            Layer(source="default", specs=("exact",)),
            Layer(source="cassette header", specs=("warn:text",)),
        ]
    )
    assert [("exact", "default"), ("warn:text", "cassette header")] == list(found.sources)
    assert [False] == [check.gated for check in found.checks if check.spec == "text"]


def test_check_only_drops_the_cassettes_checks_and_says_so() -> None:
    """`--llm-check-only` is never silent about what it left out."""
    found = in_force(
        [
            Layer(source="command line", specs=("answered",)),
            Layer(source="event", specs=("tool_calls",)),
        ],
        only=True,
    )
    assert ["answered"] == [check.spec for check in found.checks]
    assert (("tool_calls", "event"),) == found.dropped


def test_checks_of_sessions_and_of_the_run_stand_apart() -> None:
    """They are read by the same grammar, and judge no single event."""
    specs = ("text", "warn:session:cost<=$0.10", "run:latency.p95<=1.2x", "session:trajectory")
    found = in_force([Layer(source="ini", specs=specs)])
    assert ["text"] == [check.spec for check in found.checks]
    assert [
        ("session:cost<=$0.10", False, "session"),
        ("run:latency.p95<=1.2x", True, "run"),
        ("session:trajectory", True, "session"),
    ] == [(check.spec, check.gated, scope(check)) for check in found.scoped]
    assert specs == tuple(spec for spec, _ in found.sources)


def test_a_later_place_lets_a_check_of_the_run_go() -> None:
    """The same words again take the place of the earlier ones."""
    layers = [
        Layer(source="ini", specs=("run:cost<=$5",)),
        Layer(source="event", specs=("warn:run:cost<=$5",)),
    ]
    assert [False] == [check.gated for check in in_force(layers).scoped]


def test_a_set_of_a_cassette_takes_the_place_of_the_default_set() -> None:
    """Members of a later set about the same subject replace those of an earlier one."""
    found = in_force(
        [Layer(source="default", specs=("exact",)), Layer(source="marker", specs=("warn:exact",))]
    )
    assert {False} == {check.gated for check in found.checks}
