"""The records of a log, whether it is lines, a list, or an object that holds one."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pytest_llmreplay.importers.reading import files as reading
from pytest_llmreplay.importers.reading import json_pieces
from pytest_llmreplay.importers.reading.files import InputFile
from pytest_llmreplay.importers.records.listed import records
from pytest_llmreplay.importers.source import Rejected

A: Any = {"a": 1}
B: Any = {"b": [1, 2]}


def told(path: Path) -> list[Any]:
    """The records with their places; what is wrong, where it is no record."""
    return [
        (one.place.at, one.reason) if isinstance(one, Rejected) else (one[0].at, one[1])
        for one in records(InputFile(path=path), {"data", "logs"})
    ]


def file(folder: Path, text: str) -> Path:
    """A log."""
    path = folder / "log.json"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "text",
    [
        json.dumps([A, B]),
        json.dumps([A, B], indent=2),
        f"[\n{json.dumps(A)},\n{json.dumps(B)}\n]\n",
        json.dumps({"data": [A, B]}, indent=2),
        json.dumps({"success": True, "data": {"logs": [A, B]}}, indent=2),
        f'{{"data": [\n{json.dumps(A)},\n{json.dumps(B)}]}}',
        f"\n[{json.dumps(A)},\n\n{json.dumps(B)}]",
    ],
)
def test_a_list_is_found_however_it_is_laid_out(tmp_path: Path, text: str) -> None:
    """In one line or many, by itself or held."""
    assert [A, B] == [record for _, record in told(file(tmp_path, text))]


def test_one_record_on_a_line_of_its_own_is_no_json_lines(tmp_path: Path) -> None:
    """A list of one, as many tools write it."""
    assert [("line 2, record 1", A)] == told(file(tmp_path, f"[\n{json.dumps(A)}\n]"))


def test_values_one_after_another_over_several_lines_are_read_up_to_a_torn_one(
    tmp_path: Path,
) -> None:
    """As programs print them to a console."""
    text = f"{json.dumps(A, indent=1)}\n{json.dumps(B, indent=1)}\n"
    assert [(1, A), (4, B)] == told(file(tmp_path, text))
    torn = (10, "breaks off in the entry that begins in line 10")
    assert [(1, A), (4, B), torn] == told(file(tmp_path, text + '{\n "c": '))


def test_a_bad_value_over_several_lines_is_told_by_its_line_and_the_rest_goes_on(
    tmp_path: Path,
) -> None:
    """As where a console prints what is in another encoding."""
    good = json.dumps(A, indent=1)
    (tmp_path / "log.json").write_bytes(f'{good}\n{{\n "a": "\xe9"\n}}\n{good}'.encode("latin-1"))
    bad = (4, "is not UTF-8: byte 10 is no text")
    assert [(1, A), bad, (7, A)] == told(tmp_path / "log.json")


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize(
    "log",
    [
        [A, B, A],
        {"data": [A, B, A]},
        {"ok": True, "of": 'x"', "data": {"logs": [A, B, A]}},
        {"meta": {"page": 1, "of": [{}]}, "data": [A, B, A]},
    ],
)
def test_a_torn_list_is_read_up_to_its_torn_record(
    tmp_path: Path, log: Any, indent: int | None
) -> None:
    """An export that broke off holds what came before."""
    text = json.dumps(log, indent=indent)
    first, second, (place, problem) = told(file(tmp_path, text[: text.rindex("1")]))
    assert [A, B] == [first[1], second[1]]
    line = text.count("\n", 0, text.rindex("{")) + 1
    assert (f"line {line}, record 3", f"breaks off in the entry that begins in line {line}") == (
        place,
        problem,
    )


def test_a_list_that_is_whole_in_a_torn_object_is_read(tmp_path: Path) -> None:
    """That something is missing behind it is told."""
    torn = told(file(tmp_path, json.dumps({"data": [A, B], "error": None})[:-6]))
    assert [("line 1, record 1", A), ("line 1, record 2", B)] == torn[:2]
    assert [(1, "is no JSON: breaks off behind its list")] == torn[2:]


def test_a_torn_record_is_no_list(tmp_path: Path) -> None:
    """Although a field within it has the name of such."""
    torn = told(file(tmp_path, '{"a": {"data": [{"b": 1}]}, "c": [{"a": 1}, {"b"'))
    assert [(None, True)] == [(place, "is no JSON" in problem) for place, problem in torn]


DEEP = b"[" * 300 + b"]" * 300
BAD = {
    b'{"c": "caf\xe9"}': "is not UTF-8: byte 11 is no text",
    b'{"c": %b}' % DEEP: "is nested more than 200 deep",
    b'{"c": %b}' % (b"[" * 99_999 + b"]" * 99_999): "is nested more than 200 deep",
    b'{"c": NaN, "]": [1]}': "is no JSON: NaN is no JSON number",
    b'{"c": x}': "is no JSON: Expecting value, character 7",
}


@pytest.mark.parametrize(("bad", "problem"), BAD.items())
@pytest.mark.parametrize(
    ("layout", "line"),
    [
        (b"[%b, %b, %b]", lambda _: 1),
        (b"[\n%b,\n%b,\n%b\n]\n", lambda number: number + 1),
        (b'{"data": {"logs": [\n%b,\n%b,\n%b]}}', lambda number: number + 1),
        (b'{"meta": {"page": 1}, "data": [%b, %b, %b]}', lambda _: 1),
        (b'{"a": 0}\n{"data": [%b, %b, %b]}', lambda _: 2),
        (b'{"a": 0}\n[%b, %b, %b]', lambda _: 2),
    ],
)
def test_a_bad_record_of_a_list_is_told_with_its_place_and_the_rest_goes_on(
    tmp_path: Path, bad: bytes, problem: str, layout: bytes, line: Callable[[int], int]
) -> None:
    """However the list is laid out, and whatever holds it."""
    path = tmp_path / "log.json"
    path.write_bytes(layout % (json.dumps(A).encode(), bad, json.dumps(B).encode()))
    places = [f"line {line(number)}, record {number}" for number in (1, 2, 3)]
    found = [one for one in told(path) if one != (1, {"a": 0})]
    assert list(zip(places, [A, problem, B], strict=True)) == found


def test_a_line_that_is_nested_too_deep_is_told_as_a_line(tmp_path: Path) -> None:
    """What begins with two brackets is no list of records."""
    path = tmp_path / "log.jsonl"
    lines = [b"[" * 100_000, json.dumps(A).encode(), b'{"b": %b}' % DEEP, DEEP]
    path.write_bytes(b"\n".join(lines))
    deep = "is nested more than 200 deep"
    assert [(1, deep), (2, A), (3, deep), (4, deep)] == told(path)


def test_a_torn_list_on_a_line_costs_no_other_line(tmp_path: Path) -> None:
    """Each line may hold a list."""
    whole = json.dumps([A, B])
    torn = "breaks off in the entry that begins in line "
    assert [
        ("line 1, record 1", A),
        ("line 1, record 2", f"{torn}1"),
        ("line 2, record 1", A),
        ("line 2, record 2", B),
        ("line 3, record 1", A),
        ("line 3, record 2", f"{torn}3"),
        (4, A),
    ] == told(file(tmp_path, f"{whole[:-9]}\n{whole}\n{whole[:-9]}\n{json.dumps(A)}"))


def test_what_follows_a_list_is_read_or_told(tmp_path: Path) -> None:
    """More lists, and lines."""
    text = f"{json.dumps([A], indent=1)}\n[{json.dumps(B)}] x\n{json.dumps(A)}\n"
    assert [
        ("line 2, record 1", A),
        ("line 6, record 1", B),
        (6, "is no JSON: more follows its list"),
        (7, A),
    ] == told(file(tmp_path, text))


PEAK = """
import re, sys
from pathlib import Path
from pytest_llmreplay.importers.reading.files import InputFile
from pytest_llmreplay.importers.records.listed import records
peak = lambda: int(re.search("VmHWM:\\s*([0-9]+)", open("/proc/self/status").read())[1]) * 1024
before = peak()
print(sum(1 for _ in records(InputFile(path=Path(sys.argv[1])), {"data"})), peak() - before)
"""


@pytest.mark.parametrize(
    ("begin", "end", "torn"),
    [
        ("[", "]", 0),
        ("[", ', {"torn', 1),
        ('{"meta": {}, "data": [', "]}", 0),
        ('{"meta": {}, "data": [', ', {"torn', 1),
    ],
)
def test_a_list_takes_no_more_memory_than_its_records(
    tmp_path: Path, begin: str, end: str, torn: int
) -> None:
    """T19: torn or whole, on one line, however long it is."""
    one, count = json.dumps({"text": "x" * 1000}), 20_000
    path = file(tmp_path, begin + ", ".join([one] * count) + end)
    done = subprocess.run(
        [sys.executable, "-c", PEAK, str(path)], capture_output=True, text=True, check=True
    )
    found, grown = map(int, done.stdout.split())
    assert count + torn == found
    assert path.stat().st_size / 2 > grown


def test_a_record_of_a_list_beyond_all_bounds_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it ends is not looked for."""
    monkeypatch.setattr(json_pieces, "LONGEST_LINE", 100)
    monkeypatch.setattr(reading, "_BLOCK", 64)
    assert [
        ("line 1, record 1", A),
        ("line 1, record 2", "is larger than 64 MB in the entry that begins in line 1"),
    ] == told(file(tmp_path, json.dumps([A, {"long": "x" * 200}, A])))
    monkeypatch.setattr(json_pieces, "_MOST_BRACKETS", 9)
    assert [
        ("line 1, record 1", "holds too many values in the entry that begins in line 1")
    ] == told(file(tmp_path, json.dumps([{"many": [[]] * 9}])))


def test_lines_that_are_damaged_from_the_first_on_are_told_one_by_one(tmp_path: Path) -> None:
    """As where each begins with a name in another encoding; those behind are read."""
    assert [1, 2, 3] == [
        at for at, _ in told(file(tmp_path, f'{{"a": x}}\n{{"b": y}}\n{json.dumps(A)}'))
    ]


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        (
            "spans.pb",
            b"\n\xb9\x02\n\x00\x12\xb4\x02hello\nworld",
            "export JSON (the file exporter of Op",
        ),
        ("log.csv", b'id,input\n1,"{""a"": 1}"\n', "it is CSV: export JSON or JSON Lines, or name"),
    ],
)
def test_an_export_of_another_kind_is_told_with_what_to_do(
    tmp_path: Path, name: str, data: bytes, said: str
) -> None:
    """Once for the file, however many lines it has."""
    path = tmp_path / name
    path.write_bytes(data)
    ((place, problem),) = told(path)
    assert (None, True) == (place, said in problem)


def test_lines_are_records_with_their_numbers(tmp_path: Path) -> None:
    """Blank ones count, and a line may hold a list."""
    text = f"{json.dumps(A)}\n\n{json.dumps([A, B])}\n" + json.dumps({"data": [B]})
    assert [
        (1, A),
        ("line 3, record 1", A),
        ("line 3, record 2", B),
        ("line 4, record 1", B),
    ] == told(file(tmp_path, text))


def test_an_archive_of_files_is_told_with_what_to_do(tmp_path: Path) -> None:
    """Tools like to pack their exports."""
    (tmp_path / "log.json").write_bytes(b"PK\x03\x04\x14\x00")
    assert [(None, "is a ZIP archive; import what is in it: unzip FILE")] == told(
        tmp_path / "log.json"
    )


def test_a_torn_line_is_told_wherever_it_stands(tmp_path: Path) -> None:
    """The first one too; the rest goes on."""
    text = f'{{"a": 1\n{json.dumps(A)}\n{{"torn'
    (first, second, third) = told(file(tmp_path, text))
    assert [1, (2, A), 3] == [first[0], second, third[0]]
    assert "is no JSON" in first[1]
    assert "is no JSON" in third[1]


def test_a_file_that_is_no_json_is_told_once(tmp_path: Path) -> None:
    """Not line by line."""
    assert [(None, "is no JSON: Expecting value, character 1")] == told(
        file(tmp_path, "a,b\n1,2\n3,4\n")
    )
    assert [(None, "is empty")] == told(file(tmp_path, " \n\n"))


def test_what_is_no_object_is_told(tmp_path: Path) -> None:
    """With its kind."""
    assert [
        ("line 1, record 1", "expected an object, found null"),
        ("line 1, record 2", "expected an object, found a text"),
        ("line 1, record 3", "expected an object, found a number"),
        ("line 1, record 4", "expected an object, found a list"),
    ] == told(file(tmp_path, '[null, "x", 1, []]'))


def test_a_line_beyond_all_bounds_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the next one is read."""
    monkeypatch.setattr(reading, "LONGEST_LINE", 100)
    text = json.dumps({"long": "x" * 200}) + f"\n{json.dumps(A)}\n"
    assert [(1, "is longer than 64 MB"), (2, A)] == told(file(tmp_path, text))


@pytest.mark.parametrize(
    ("begin", "advice"),
    [
        (b"\x28\xb5\x2f\xfd\x00\xff", "zstd: import what is in it (zstd -d FILE)"),
        (b"\xfd7zXZ\x00\xff", "xz: import what is in it (xz -dk FILE)"),
        (b"BZh91AY&SY\xff", "bzip2: import what is in it (bunzip2 -k FILE)"),
    ],
)
def test_other_compressions_are_told_with_what_reads_them(
    tmp_path: Path, begin: bytes, advice: str
) -> None:
    """Gzip alone is read."""
    (tmp_path / "calls.jsonl").write_bytes(begin)
    (problem,) = records(InputFile(path=tmp_path / "calls.jsonl"))
    assert isinstance(problem, Rejected)
    assert problem.reason.endswith(f"; it is compressed by {advice}")
