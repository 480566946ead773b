"""`--llm-allow`: sends what acts with the account of the target."""

from __future__ import annotations

from made_cassettes import cassette, event
from projects import Project

IT = "cassettes/tests/test_app/test_it.yaml"


def test_a_hosted_tool_that_is_allowed(one: Project) -> None:
    """`--llm-allow` sends it."""
    one.write(IT, cassette(event(1, body={"tools": [{"type": "web_search"}]})))
    one.replay("--llm-allow=web_search", "--llm-check=tool_calls")
    assert 1 == len(one.server.seen)


def test_an_allowed_search_goes_along_to_a_target_of_another_format(one: Project) -> None:
    """Once it is allowed: OpenAI's, to a Claude."""
    asked = {"web_search_options": {"user_location": {"approximate": {"city": "Oslo"}}}}
    one.write(IT, cassette(event(1, body=asked)))
    target = ("--llm-model=anthropic/other", f"--llm-base-url={one.server.anthropic}")
    refused = one.run("--llm-replay", "-rs", *target)
    refused.stdout.fnmatch_lines(["SKIPPED * not replayed: *--llm-allow web_search*"])
    one.run("--llm-replay", "--llm-allow=web_search", *target)
    (sent,) = one.server.seen
    place = {"type": "approximate", "city": "Oslo"}
    search = {"type": "web_search_20250305", "name": "web_search", "user_location": place}
    assert [search] == sent.json["tools"]


def test_only_what_is_named_is_allowed(one: Project) -> None:
    """The other event is told with its reason and the option that would send it."""
    tools = [{"tools": [{"type": kind}]} for kind in ("web_search", "code_interpreter")]
    events = [event(number, body=body) for number, body in enumerate(tools, 1)]
    one.write(IT, cassette(*events))
    result = one.replay("-rs", "--llm-allow=web_search", "--llm-check=tool_calls")
    assert 1 == len(one.server.seen)
    result.stdout.fnmatch_lines(["SKIPPED * not replayed: *--llm-allow code_interpreter*"])


def test_where_no_account_is_nothing_has_to_be_allowed(one: Project) -> None:
    """A recording is compared with itself, and asked of a simulated model, whatever it asks for."""
    one.write(IT, cassette(event(1, body={"tools": [{"type": "web_search"}]})))
    one.run("--llm-replay").assert_outcomes(passed=1)
    one.run("--llm-replay", "--llm-model=simulated/steady").assert_outcomes(passed=1)
    assert [] == one.server.seen
