"""E5, T10: nothing that a model, a server or a cassette says is carried out by who prints it.

The readers do what the runner of GitHub does with every line of a job, in both of its syntaxes:
https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
"""

from __future__ import annotations

import itertools
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator

import pytest
from projects import Project
from servers.provider_server import fails, says
from shell import command
from threats.threat_cassettes import chat_answer, document, header, question

COMMANDS = [
    "::stop-commands::x",
    "::error file=a,line=1::b",
    "::set-output name=a::b",
    "##[add-mask]x",
    "##[group]x",
    "##vso[task.setvariable variable=a]b",
    "##teamcity[testFailed name='x']",
]
SEQUENCES = [
    "\x1b]52;c;ZXZpbA==\x07",
    "\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "\x1b[2J\x1b[H",
    "\x9b31m",
    "\x08\x08\x08",
    "\x00\x7f",
    "\u202e\u2066",
]
LEADS = ["", " ", "\t", "\r", "\n", "\r\n", "\u2028", "\u2029", "\x85", "\x0b", "\xa0", "\u3000"]
PAYLOADS = [
    *(f"word{lead}{command}" for lead, command in itertools.product(LEADS, COMMANDS)),
    *(f"{lead}{command}" for lead, command in itertools.product(LEADS, COMMANDS)),
    *(f"{lead}{sequence}" for lead, sequence in itertools.product(LEADS[:4], SEQUENCES)),
    *(f"{sequence}{command}" for sequence, command in zip(SEQUENCES, COMMANDS, strict=True)),
]
SGR = re.compile(r"\x1b\[[\d;]*m")
BLANKS = "\t\n\x0b\x0c\r \x85\xa0\u1680\u2000\u2003\u2028\u2029\u202f\u205f\u3000"
"""What .NET trims from the start of a line."""


def commands(line: str) -> Iterator[str]:
    """What the runner would carry out of one line: its new syntax, then its old one."""
    new = line.lstrip(BLANKS)
    if new.startswith("::") and "::" in new[2:]:
        yield new
    prefix = line.find("##[")
    if prefix >= 0 and "]" in line[prefix:]:
        yield line[prefix:]
    yield from re.findall(r"##(?:vso|teamcity)\[.*", line)


def harmless(text: str) -> None:
    """No command, no control character, no mark that reorders what is read."""
    bare = SGR.sub("", text)
    for line in re.split("[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]", bare):
        assert [] == [*commands(line)]
    left = {c for c in bare if c != "\n" and (ord(c) < 32 or 127 <= ord(c) < 160)}
    assert set() == left | (set(bare) & set("\u2028\u2029\u202e\u2066"))


def everywhere(project: Project) -> None:
    """Two hundred events whose answers, models, names and sessions are payloads."""
    events = [
        document(
            place,
            body=question(f"{payload} asked {place}"),
            answer=chat_answer(payload),
            model=payload,
            provider="openai",
            name=payload,
            session={"id": payload, "name": payload, "path": payload},
            checks=["text", "warn:model"],
        )
        for place, payload in enumerate(PAYLOADS, start=1)
    ]
    project.cassette().parent.mkdir(parents=True)
    top = header(PAYLOADS[0], session={"name": PAYLOADS[1]})
    project.cassette().write_text(top + "".join(events), encoding="utf-8", newline="")


def test_a_replay_shows_only_text(project: Project) -> None:
    """Failures, node ids, summary, JUnit XML: of two hundred payloads none survives.

    Every second answer of the server is a payload, the others are errors in such words.
    """
    assert 200 <= len(PAYLOADS)
    everywhere(project)
    payloads = itertools.cycle(PAYLOADS[::-1])
    answers = [
        says(next(payloads)) if place % 2 else fails(400, next(payloads))
        for place in range(len(PAYLOADS))
    ]
    project.server.next(*answers)
    live = ["--llm-model=same", f"--llm-base-url={project.server.openai}", "--llm-retries=0"]
    result = project.run("--llm-replay", *live, "-vv", "-rA", "--junitxml=out.xml", "--color=yes")
    assert 150 < result.parseoutcomes()["failed"]
    harmless(result.stdout.str())
    harmless(result.stderr.str())
    written = (project.path / "out.xml").read_text(encoding="utf-8")
    for line in written.splitlines():
        assert [] == [*commands(line)]
    for element in ET.fromstring(written).iter():
        for text in (*element.attrib.values(), element.text or ""):
            harmless(text)


def test_names_are_collected_as_text(project: Project) -> None:
    """`--co` shows names of events as node ids can hold them."""
    everywhere(project)
    result = project.run("--llm-replay", "--co", "-q")
    assert len(PAYLOADS) <= result.stdout.str().count("[recorded]")
    harmless(result.stdout.str())


def test_playback_shows_only_text(project: Project) -> None:
    """Misses, events that were not played, and their warnings."""
    everywhere(project)
    project.tests(
        f"""
        @pytest.mark.llm_cassette
        def test_it():
            chat({PAYLOADS[0]!a} + " asked 1")

        @pytest.mark.llm_cassette(name="tests/test_app/test_it")
        @pytest.mark.parametrize("place", range({len(PAYLOADS[::9])}))
        def test_miss(place):
            chat({PAYLOADS[::9]!a}[place])
    """
    )
    result = project.run("--llm-unused=warn", "-vv", "-rA")
    assert 1 == result.parseoutcomes()["passed"]
    harmless(result.stdout.str())
    result = project.run("--llm-unused=fail", "-k", "test_it")
    result.assert_outcomes(passed=1, errors=1, deselected=len(PAYLOADS[::9]))
    harmless(result.stdout.str())


@pytest.mark.parametrize(
    "line",
    [
        "targets: {{t: {{provider: {0}}}}}",
        "targets: {{t: {{auth: {0}}}}}",
        "targets: {{t: {{{0}: 1}}}}",
        "targets: {{{0}: {{model: 1}}}}",
        "checks: [{0}]",
        "{0}: 1",
    ],
)
def test_a_config_file_is_told_as_text(project: Project, line: str) -> None:
    """What is wrong in a file is shown without being carried out."""
    everywhere(project)
    for payload in ("##[add-mask]x", "\\x1b]52;c;ZXZpbA==\\x07", "\\n::stop-commands::x"):
        project.write("llmreplay.yaml", line.format(f'"{payload}"'))
        result = project.run("--llm-replay", "--llm-model=t")
        assert pytest.ExitCode.USAGE_ERROR == result.ret
        harmless(result.stderr.str())
        harmless(result.stdout.str())


@pytest.mark.parametrize("words", [["list"], ["show", "cassettes"], ["check"]])
def test_json_is_printed_as_text(project: Project, words: list[str]) -> None:
    """A machine that reads the log finds no command; a program reads what is there."""
    everywhere(project)
    named = project.cassette("##[group]x.yaml")
    named.write_text(header("##vso[task.setvariable variable=a]b"), encoding="utf-8")
    done = command(*words, "--json", cwd=project.path)
    harmless(done.stdout)
    assert "##[" in str(json.loads(done.stdout))


@pytest.mark.parametrize("mode", [["--llm-replay", "-v", "-rA"], ["--llm-replay", "--co"]])
def test_file_names_are_text(project: Project, mode: list[str]) -> None:
    """A cassette may be called anything that the file system allows."""
    folder = project.cassette().parent
    folder.mkdir(parents=True)
    named = [payload.replace("/", "_").replace("\x00", "") for payload in PAYLOADS[::5]]
    for place, name in enumerate(named):
        text = header() + (document() if place % 2 else json.dumps({"event": 1}) + "\n")
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    result = project.run(*mode)
    assert "INTERNALERROR" not in result.stdout.str()
    harmless(result.stdout.str())
    harmless(result.stderr.str())
