"""`--llm-config`: the file with targets, variants and checks."""

from __future__ import annotations

import pytest
from projects import Project


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("--llm-config=nowhere.yaml", "ERROR: --llm-config: there is no file 'nowhere.yaml'"),
        ("--llm-config=broken.yaml", "ERROR: *broken.yaml:2: *"),
        ("--llm-config=unknown.yaml", "ERROR: *unknown.yaml:1: unknown key 'target'; did you*"),
        ("--llm-config=latin.yaml", "ERROR: *latin.yaml: is not UTF-8: byte 13 is no text"),
        ("--llm-config=merged.yaml", "ERROR: *merged.yaml:1: a merge conflict was left*FILE`"),
    ],
)
def test_a_wrong_value_is_one_clear_error(one: Project, option: str, said: str) -> None:
    """Exit code 4, the option by name, no traceback, nothing sent."""
    one.write("broken.yaml", "targets: [\n")
    one.write("unknown.yaml", "target: {}\n")
    (one.path / "latin.yaml").write_bytes("checks: [caf\xe9]\n".encode("latin-1"))
    one.write("merged.yaml", "<<<<<<< HEAD\nchecks: [text]\n=======\n>>>>>>> b\n")
    one.refuses(option, said)


def test_a_config_file_of_the_ini_file(one: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is found from rootdir, wherever pytest was started."""
    one.write("pytest.ini", "[pytest]\nllm_config = conf/replay.yaml\n")
    one.write("conf/replay.yaml", "checks: [answered]\n")
    one.write("tests/keep.txt", "")
    monkeypatch.chdir(one.path / "tests")
    one.replay().stdout.fnmatch_lines([" config * answered"])


@pytest.mark.parametrize("place", ["../elsewhere.yaml", "link.yaml"])
@pytest.mark.parametrize("said", ["llm_config = {}", "addopts = --llm-config {}"])
def test_a_config_file_of_the_ini_file_is_in_the_checkout(
    one: Project, place: str, said: str
) -> None:
    """An ini file reads nothing of the machine beyond it, and nothing of such a file is shown."""
    outside = one.path.parent / "elsewhere.yaml"
    outside.write_text("machine git.example password sesame\n", encoding="utf-8")
    (one.path / "link.yaml").symlink_to(outside)
    one.write("pytest.ini", f"[pytest]\n{said.format(place)}\n")
    result = one.replay()
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    result.stderr.fnmatch_lines([f"ERROR: llm_config: '*{place}' leads out of *"])
    assert "sesame" not in result.stderr.str()
    outside.write_text("checks: [answered]\n", encoding="utf-8")
    one.replay(f"--llm-config={outside}").stdout.fnmatch_lines([" config * answered"])


def test_what_is_no_config_file_is_not_shown(one: Project) -> None:
    """Whatever the option, or a link in the place of the file, leads to."""
    one.write("netrc", "machine git.example password sesame\n")
    (one.path / "llmreplay.yaml").symlink_to("netrc")
    for option in ((), ("--llm-config=netrc",)):
        result = one.replay(*option)
        assert pytest.ExitCode.USAGE_ERROR == result.ret
        result.stderr.fnmatch_lines(["ERROR: *:1: the file is not a mapping of keys to values"])
        assert "sesame" not in result.stderr.str()


def test_the_nearest_file_above_the_cassette_counts(one: Project) -> None:
    """Without an option; a file of the folder above is for the others."""
    one.write("llmreplay.yaml", "checks: [text]\n")
    one.replay().stdout.fnmatch_lines([" config * text"])


def test_a_file_of_a_windows_editor_is_read(one: Project) -> None:
    """A byte order mark before the first key, and line ends of two characters, mean nothing."""
    (one.path / "llmreplay.yaml").write_bytes(b"\xef\xbb\xbfchecks:\r\n- answered\r\n")
    one.replay().stdout.fnmatch_lines([" config * answered"])


def test_a_file_that_is_named_counts_alone(one: Project) -> None:
    """The option goes before the file that lies there."""
    one.write("llmreplay.yaml", "checks: [text]\n")
    one.write("other.yaml", "checks: [answered]\n")
    one.replay("--llm-config=other.yaml").stdout.fnmatch_lines([" config * answered"])


def test_a_target_of_the_file(one: Project) -> None:
    """Its name is a model; its model, parameters and loopback address are used."""
    one.write(
        "llmreplay.yaml",
        f"""
        targets:
          local:
            provider: openai
            model: tiny
            base_url: {one.server.openai}
            parameters: {{temperature: 0}}
        """,
    )
    result = one.run("--llm-replay", "--llm-model=local", "--llm-check=answered")
    assert {"changed": 1} == result.parseoutcomes()
    sent = one.server.seen[0].json
    assert ("tiny", 0) == (sent["model"], sent["temperature"])
