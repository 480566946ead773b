"""The records of a log, whether it is lines, a list, or an object that holds one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pytest_llmreplay.importers.reading import files as reading
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
    assert [("record 1", A)] == told(file(tmp_path, f"[\n{json.dumps(A)}\n]"))


def test_values_one_after_another_over_several_lines_are_read_up_to_a_torn_one(
    tmp_path: Path,
) -> None:
    """As programs print them to a console."""
    text = f"{json.dumps(A, indent=1)}\n{json.dumps(B, indent=1)}\n"
    assert [("value 1, record 1", A), ("value 2, record 1", B)] == told(file(tmp_path, text))
    torn = told(file(tmp_path, text + '{\n "c": '))
    assert [A, B, "breaks off in the entry that begins in line 10"] == [one for _, one in torn]


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize(
    "log", [[A, B, A], {"data": [A, B, A]}, {"ok": True, "of": 'x"', "data": {"logs": [A, B, A]}}]
)
def test_a_torn_list_is_read_up_to_its_torn_record(
    tmp_path: Path, log: Any, indent: int | None
) -> None:
    """An export that broke off holds what came before."""
    text = json.dumps(log, indent=indent)
    first, second, (place, problem) = told(file(tmp_path, text[: text.rindex("1")]))
    assert [("record 1", A), ("record 2", B), "record 3"] == [first, second, place]
    assert problem.startswith("breaks off in the entry that begins in line ")


def test_a_list_that_is_whole_in_a_torn_object_is_read(tmp_path: Path) -> None:
    """That something is missing behind it is told."""
    torn = told(file(tmp_path, json.dumps({"data": [A, B], "error": None})[:-6]))
    assert [("record 1", A), ("record 2", B)] == torn[:2]
    assert torn[2][1].startswith("is no JSON: ")


def test_a_torn_record_is_no_list(tmp_path: Path) -> None:
    """Although one of its fields has the name of such."""
    torn = told(file(tmp_path, '{"a": {"b": 1}, "data": [{"a": 1}, {"b"'))
    assert [(None, True)] == [(place, "is no JSON" in problem) for place, problem in torn]


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
