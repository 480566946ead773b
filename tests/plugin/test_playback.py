"""Plain `pytest`: calls are answered from the cassette, an unknown one fails with its reason."""

from __future__ import annotations

from made_cassettes import cassette, event
from projects import Project
from servers.provider_server import says

ASK = """
    @pytest.mark.llm_cassette
    def test_it():
        chat("Answer in the language of the customer.")
"""


def test_a_miss_says_what_differs_and_how_to_record(project: Project) -> None:
    """The failure names the call, the user's line, the nearest event, the diff, the command."""
    project.tests(ASK)
    project.record().assert_outcomes(passed=1)
    project.tests(ASK.replace("language", "words"))
    result = project.run()
    result.assert_outcomes(failed=1)
    assert len(project.server.seen) == 1
    result.stdout.fnmatch_lines(
        [
            "*no recording for LLM call 1*",
            "*app.py:*in chat*",
            "*cassettes/tests/test_app/test_it.yaml*",
            "*event 1 of 1*not played yet*",
            "*-  Answer in the language of the customer.*",
            "*+  Answer in the words of the customer.*",
            "*pytest*--llm-record*",
        ]
    )
    assert "Traceback" not in result.stdout.str()


def test_a_miss_without_a_cassette_says_so(project: Project) -> None:
    """A test that was never recorded fails; it is never skipped."""
    project.tests(ASK)
    result = project.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*no recording for LLM call 1*", "*--llm-record*"])
    assert project.server.seen == []


def test_a_swallowed_miss_fails_all_the_same(project: Project) -> None:
    """Code that catches everything cannot hide a miss."""
    project.tests(
        """
        @pytest.mark.llm_cassette
        def test_it():
            try:
                chat("x")
            except BaseException:
                pass
    """
    )
    result = project.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*no recording for LLM call 1*"])


def test_a_miss_that_became_another_error_is_what_the_summary_says(project: Project) -> None:
    """Frameworks that gather results take the miss for one, and fail over it."""
    project.tests(
        """
        from app import achat

        @pytest.mark.llm_cassette
        def test_it():
            async def gathered():
                return await asyncio.gather(achat("x"), return_exceptions=True)

            assert "".join(one.upper() for one in asyncio.run(gathered()))
    """
    )
    result = project.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["FAILED *test_it - no recording for LLM call 1*", "*1 failed*"])
    result.stdout.fnmatch_lines(["*AttributeError: 'LlmFailure' object has no attribute 'upper'*"])


def test_a_miss_is_not_retried_by_the_anthropic_sdk(project: Project) -> None:
    """The miss passes the SDK's retry loop as it is."""
    project.tests(
        """
        @pytest.mark.llm_cassette
        def test_it():
            message("x")
    """
    )
    result = project.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*no recording for LLM call 1*"])
    assert "APIConnectionError" not in result.stdout.str()


def test_equal_calls_are_answered_in_order(project: Project) -> None:
    """First in, first out within a key."""
    project.tests(
        """
        @pytest.mark.llm_cassette
        def test_it():
            print("SAID", chat("again"), chat("again"))
    """
    )
    project.server.next(says("first"), says("second"))
    project.record().assert_outcomes(passed=1)
    result = project.run("-s")
    result.stdout.fnmatch_lines(["*SAID first second*"])


def test_events_that_are_not_played_fail_a_passing_test(project: Project) -> None:
    """Code that no longer makes a recorded call is told so; `ignore` and `warn` are milder."""
    two = ASK + '        chat("and again")\n'
    project.tests(two)
    project.record().assert_outcomes(passed=1)
    project.tests(ASK)
    result = project.run()
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*1 of 2 recorded events*not played*", "*--llm-record*"])
    project.run("--llm-unused=ignore").assert_outcomes(passed=1)
    project.run("--llm-unused=warn", "-Wdefault").assert_outcomes(passed=1, warnings=1)
    result = project.run("--llm-unused=warn", "-Werror::UserWarning", "-pno:asyncio")
    result.assert_outcomes(passed=1, errors=1)
    assert "Traceback" not in result.stdout.str()


def test_a_failing_test_is_not_told_of_unused_events(project: Project) -> None:
    """One failure is enough."""
    project.tests(ASK + '        chat("and again")\n')
    project.record().assert_outcomes(passed=1)
    project.tests(ASK + "        assert False\n")
    result = project.run()
    result.assert_outcomes(failed=1)
    assert "not played" not in result.stdout.str()


def test_a_test_without_a_cassette_is_left_alone(project: Project) -> None:
    """Without marker and fixture live calls go out as ever."""
    project.tests(
        """
        def test_it():
            assert chat("x") == "Echo: x"
    """
    )
    project.run().assert_outcomes(passed=1)
    assert len(project.server.seen) == 1
    assert not (project.path / "cassettes").exists()
    assert not (project.path / ".llmreplay").exists()


def test_mode_live_lets_one_test_out(project: Project) -> None:
    """The marker's `live` mode goes out even when all tests have cassettes."""
    project.write("pytest.ini", "[pytest]\nllm_autouse = true\n")
    project.tests(
        """
        @pytest.mark.llm_cassette(mode="live")
        def test_it():
            assert chat("x") == "Echo: x"
    """
    )
    project.run().assert_outcomes(passed=1)


def test_a_miss_says_what_recording_will_cost(project: Project) -> None:
    """The events that were not played, at the price they had."""
    project.write(
        "cassettes/tests/test_app/test_it.yaml",
        cassette(event(1, asks="one"), event(2, asks="two"), event(3, asks="three")),
    )
    project.tests(
        """
        @pytest.mark.llm_cassette
        def test_it():
            assert chat("one") == "Hello."
            chat("changed")
    """
    )
    result = project.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*Record what is missing (2 calls, about $0.0000*):"])


def test_the_guard_fails_calls_outside_a_cassette(project: Project) -> None:
    """With `llm_guard` a live call of an unmarked test fails."""
    project.write("pytest.ini", "[pytest]\nllm_guard = true\n")
    project.tests(
        """
        def test_it():
            chat("x")
    """
    )
    result = project.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*LLM call outside a cassette*"])
    assert project.server.seen == []


def test_ignored_paths_do_not_count(project: Project) -> None:
    """What the marker ignores may change without a new recording."""
    project.tests(ASK)
    project.record().assert_outcomes(passed=1)
    project.tests(
        ASK.replace("llm_cassette", 'llm_cassette(match_ignore=["messages[*].content"])').replace(
            "language", "words"
        )
    )
    project.run().assert_outcomes(passed=1)


def test_a_wrong_marker_is_a_clear_error(project: Project) -> None:
    """An unknown argument is named, with those that exist."""
    project.tests(ASK.replace("llm_cassette", 'llm_cassette(nmae="x")'))
    result = project.run()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*no argument 'nmae'; it takes name, session, checks*"])
    assert "Traceback" not in result.stdout.str()


def test_a_miss_names_the_line_of_a_long_text(project: Project) -> None:
    """The headline alone says where to look."""
    long = ASK.replace('"Answer', '"You are polite.\\nAnswer')
    project.tests(long)
    project.record().assert_outcomes(passed=1)
    project.tests(long.replace("language", "words"))
    result = project.run()
    result.stdout.fnmatch_lines(["*body.messages[[]0].content differs in line 2 (offline run)"])


def test_a_miss_of_another_endpoint_names_both(project: Project) -> None:
    """An equal body that went to another path is told by the path."""
    project.tests(ASK)
    project.record().assert_outcomes(passed=1)
    text = project.cassette().read_text()
    project.cassette().write_text(text.replace("/v1/chat/completions", "/v2/chat/completions"))
    lines = project.cassette().read_text().splitlines(keepends=True)
    kept = ["--- # key\n" if line.startswith("--- # key") else line for line in lines]
    project.cassette().write_text("".join(kept))
    result = project.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*event 1 went to /v2/chat/completions*"])


def test_a_miss_is_no_expected_failure(project: Project) -> None:
    """A test marked `xfail` whose prompt has changed, or that was never recorded, says so."""
    test = """
        @pytest.mark.llm_cassette
        @pytest.mark.xfail
        def test_it():
            assert "yes" == chat("{prompt}")
    """
    project.tests(test.format(prompt="one"))
    project.run().assert_outcomes(failed=1)
    project.record().assert_outcomes(xfailed=1)
    project.run().assert_outcomes(xfailed=1)
    project.tests(test.format(prompt="two"))
    result = project.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["no recording for LLM call 1*"])
