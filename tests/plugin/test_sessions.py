"""Sessions, prompt names and labels in the cassette; long agent sessions stay small."""

from __future__ import annotations

import pytest
from projects import Project

AGENT = """
    @pytest.mark.llm_cassette
    def test_it():
        client = openai.OpenAI(api_key="sk-test", base_url=os.environ["CHAT_URL"])
        messages = [{"role": "system", "content": "You are thorough. " * 100}]
        for turn in range(20):
            messages.append({"role": "user", "content": f"Turn {turn}. " + "Tell me more. " * 60})
            answer = client.chat.completions.create(model="m", messages=messages)
            messages.append({"role": "assistant", "content": answer.choices[0].message.content})
"""


def test_a_long_agent_session_quotes_its_history_once(project: Project) -> None:
    """Twenty turns take about as much room as their own words."""
    project.tests(AGENT)
    project.record().assert_outcomes(passed=1)
    sent = sum(len(seen.body) for seen in project.server.seen)
    size = project.cassette().stat().st_size
    assert size < sent / 5
    project.run().assert_outcomes(passed=1)
    project.record().assert_outcomes(passed=1)
    assert 20 == len(project.server.seen)


def test_the_marker_names_session_and_checks(project: Project) -> None:
    """They stand in the header, with the test's own marks and its node id."""
    project.write("pytest.ini", "[pytest]\nmarkers = slow\n")
    project.tests(
        """
        @pytest.mark.slow
        @pytest.mark.llm_cassette(
            session={"id": "7", "name": "Debate", "path": "/debate"}, checks=["tool_calls"]
        )
        def test_it():
            chat("x")
    """
    )
    project.record().assert_outcomes(passed=1)
    head = project.cassette().read_text().partition("\n--- ")[0].splitlines()
    assert [
        "cassette: 1",
        "test: tests/test_app.py::test_it",
        "session: {id: '7', name: Debate, path: /debate}",
        "checks: [tool_calls]",
        "marks: [slow]",
    ] == head


def test_steps_name_prompts_paths_and_labels(project: Project) -> None:
    """Also for calls in tasks and for nested steps."""
    project.tests(
        """
        def test_it(llm_cassette):
            with llm_cassette.step(prompt="outer", path="/a", tier="gold"):
                chat("one")
                with llm_cassette.step(prompt="inner"):
                    asyncio.run(achat("two"))
            chat("three")
            first, second, third = llm_cassette.events
            assert (first.name, first.session.path) == ("outer", "/a")
            assert dict(first.labels) == {"tier": "gold"}
            assert (second.name, second.session.path) == ("inner", "/a")
            assert (third.name, third.session) == (None, None)
    """
    )
    project.record().assert_outcomes(passed=1)
    project.run().assert_outcomes(passed=1)
    text = project.cassette().read_text()
    assert "\nname: inner\n" in text
    assert "tier: gold" in text


def test_threads_are_in_the_step_that_is_open(project: Project) -> None:
    """And may open one of their own in it; not so where several are open side by side."""
    project.tests(
        """
        from concurrent.futures import ThreadPoolExecutor

        def test_it(llm_cassette):
            def inner(text):
                with llm_cassette.step(prompt="inner"):
                    chat(text)

            with ThreadPoolExecutor(1) as pool:
                with llm_cassette.step(prompt="outer", path="/a"):
                    pool.submit(chat, "one").result()
                    pool.submit(inner, "two").result()
                pool.submit(chat, "three").result()
                asyncio.run(side_by_side(llm_cassette, pool))
            named = [(event.name, event.session and event.session.path)
                     for event in llm_cassette.events]
            assert [("outer", "/a"), ("inner", "/a"), (None, None), (None, None)] == named

        async def side_by_side(llm_cassette, pool):
            both = asyncio.Barrier(2)

            async def task(name):
                with llm_cassette.step(prompt=name):
                    await both.wait()
                    if name == "first":
                        await asyncio.get_running_loop().run_in_executor(pool, chat, "four")
                    await both.wait()

            await asyncio.gather(task("first"), task("second"))
    """
    )
    project.record().assert_outcomes(passed=1)
    project.run().assert_outcomes(passed=1)


def test_headers_of_helicone_are_understood(project: Project) -> None:
    """An application that is instrumented already need not say it twice."""
    project.tests(
        """
        @pytest.mark.llm_cassette
        def test_it():
            chat("x", extra_headers={
                "Helicone-Session-Id": "7", "Helicone-Session-Name": "Debate",
                "Helicone-Session-Path": "/debate", "Helicone-Prompt-Id": "assistant-argument",
                "Helicone-Property-Tier": "gold", "Helicone-Auth": "Bearer sk-helicone-abcdefgh",
            })
    """
    )
    project.record().assert_outcomes(passed=1)
    text = project.cassette().read_text()
    assert "\nname: assistant-argument\n" in text
    assert "session: {id: '7', name: Debate, path: /debate}" in text
    assert "labels: {tier: gold}" in text
    assert "sk-helicone" not in text


def test_metadata_of_the_request_is_understood(project: Project) -> None:
    """What an application tells OpenAI of a call tells it here too, below all that a test says."""
    project.tests(
        """
        SAID = {
            "session_id": "7", "session_name": "Debate", "session_path": "/debate",
            "prompt_name": "argue", "tier": "gold", "user_id": "ann",
        }

        @pytest.mark.llm_cassette(session={"id": "8"})
        def test_it(llm_cassette):
            chat("x", extra_body={"metadata": SAID})
            with llm_cassette.step(prompt="evaluate", path="/judge", tier="silver"):
                chat("y", extra_body={"metadata": SAID})
    """
    )
    project.record().assert_outcomes(passed=1)
    text = project.cassette().read_text()
    assert "\nname: argue\n" in text
    assert "session: {id: '8', name: Debate, path: /debate}\nlabels: {tier: gold}" in text
    assert "\nname: evaluate\n" in text
    assert "session: {id: '8', name: Debate, path: /judge}\nlabels: {tier: silver}" in text
    project.run().assert_outcomes(passed=1)


def test_baggage_of_opentelemetry_is_understood(project: Project) -> None:
    """Where the application uses it; what the test says itself comes first."""
    pytest.importorskip("opentelemetry.baggage")
    project.tests(
        """
        from opentelemetry import baggage, context

        SAID = {
            "session.id": "7", "session.name": "Debate", "session.path": "/debate",
            "gen_ai.prompt.name": "argue", "label.tier": "gold", "tenant": "acme",
        }

        def test_it(llm_cassette):
            now = context.get_current()
            for name, value in SAID.items():
                now = baggage.set_baggage(name, value, now)
            token = context.attach(now)
            chat("x")
            asyncio.run(achat("y"))
            with llm_cassette.step(path="/judge"):
                chat("z")
            context.detach(token)
            chat("outside")
    """
    )
    project.record().assert_outcomes(passed=1)
    text = project.cassette().read_text()
    told = "\nname: argue\nsession: {id: '7', name: Debate, path: %s}\nlabels: {tier: gold}\n"
    assert (2, 1) == (text.count(told % "/debate"), text.count(told % "/judge"))
    assert 3 == text.count("\nname: argue\n")
    assert "acme" not in text


def test_the_current_span_is_understood(project: Project) -> None:
    """Of an OpenTelemetry SDK that records; baggage comes first."""
    pytest.importorskip("opentelemetry.sdk.trace")
    project.tests(
        """
        from opentelemetry import baggage, context
        from opentelemetry.sdk.trace import TracerProvider

        def test_it(llm_cassette):
            tracer = TracerProvider().get_tracer("app")
            said = {
                "gen_ai.conversation.id": "7", "gen_ai.prompt.name": "argue", "n": 1,
                "label.turn": 3, "session.path": "",
            }
            token = context.attach(baggage.set_baggage("gen_ai.prompt.name", "evaluate"))
            with tracer.start_as_current_span("call", attributes=said):
                chat("x")
            context.detach(token)
            with tracer.start_as_current_span("call", attributes=said):
                chat("y")
    """
    )
    project.record().assert_outcomes(passed=1)
    text = project.cassette().read_text()
    told = "session: {id: '7'}\nlabels: {turn: '3'}\n"
    assert f"\nname: evaluate\n{told}" in text
    assert f"\nname: argue\n{told}" in text


def test_a_name_that_is_no_text_is_told_before_anything_is_paid_for(project: Project) -> None:
    """By the step itself, and not where the paid calls are to become a cassette."""
    project.tests(
        """
        def test_it(llm_cassette):
            with llm_cassette.step(prompt=7):
                chat("one")
    """
    )
    result = project.record()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*llm_cassette.step(prompt=…): 7 is not a string"])
    assert [] == project.server.seen


def test_what_is_said_of_a_call_is_redacted_as_its_body_is(project: Project) -> None:
    """A person in a label is the same placeholder as in the conversation."""
    project.write("pytest.ini", "[pytest]\nllm_redact = email\n")
    project.tests(
        """
        def test_it(llm_cassette):
            said = {"Helicone-Session-Name": "Talk with ann@example.com"}
            with llm_cassette.step(customer="ann@example.com"):
                chat("I am ann@example.com", extra_headers=said)
    """
    )
    project.record().assert_outcomes(passed=1)
    text = project.cassette().read_text()
    assert "ann@" not in text
    assert "labels: {customer: '[EMAIL_1]'}" in text
    assert "name: 'Talk with [EMAIL_1]'" in text


def test_two_cassettes_cannot_be_mixed_up(project: Project) -> None:
    """Each test of a file has its own, whatever the order of tests."""
    project.tests(
        """
        @pytest.mark.llm_cassette
        def test_one():
            chat("same")

        @pytest.mark.llm_cassette
        def test_two():
            chat("same")
    """
    )
    project.record().assert_outcomes(passed=2)
    assert 2 == len(project.server.seen)
    project.run("tests/test_app.py::test_two", "tests/test_app.py::test_one").assert_outcomes(
        passed=2
    )
