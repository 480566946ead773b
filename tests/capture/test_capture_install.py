"""Installing, taking out again, waiting for imports, and the self-check."""

from __future__ import annotations

import asyncio
import concurrent.futures.process
import functools
import http.client
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import aiohttp
import httpx
import httpx2
import pytest
import urllib3
import vcr
import vcr.errors
from capture.capture_tape import MemoryTape, is_llm_call, playing, tape_in

import pytest_llmreplay
from pytest_llmreplay.capture import install as installing
from pytest_llmreplay.capture.install import install, uninstall
from pytest_llmreplay.capture.libraries import httpx_client
from pytest_llmreplay.capture.patching import AfterImport, CallSite, Patch, Patches, check
from pytest_llmreplay.capture.processes import pools
from pytest_llmreplay.errors import CaptureUnsupported

NAMES = [
    (httpx.Client, "_transport_for_url"),
    (httpx.AsyncClient, "_transport_for_url"),
    (httpx2.Client, "_transport_for_url"),
    (httpx2.AsyncClient, "_transport_for_url"),
    (urllib3.HTTPConnectionPool, "urlopen"),
]


@pytest.fixture(autouse=True)
def taken_out() -> Iterator[None]:
    """Nothing stays installed."""
    yield
    uninstall()


def test_everything_is_put_back_exactly() -> None:
    """After uninstall every name is the very object it was."""
    before = [vars(owner)[name] for owner, name in NAMES]
    meta_path = list(sys.meta_path)
    install(is_llm_call)
    assert all(
        vars(owner)[name] is not old for (owner, name), old in zip(NAMES, before, strict=True)
    )
    install(is_llm_call)
    uninstall()
    assert before == [vars(owner)[name] for owner, name in NAMES]
    assert meta_path == sys.meta_path


def test_installing_twice_patches_once() -> None:
    """A second install leaves the first one's patches alone."""
    install(is_llm_call)
    first = httpx2.Client._transport_for_url
    install(is_llm_call)
    assert first is httpx2.Client._transport_for_url


def test_a_patch_that_somebody_removed_is_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """A mock that was there before us and ends takes our patch away; install restores it."""
    with monkeypatch.context() as patched:
        patched.setattr(httpx2.Client, "_transport_for_url", lambda _client, _url: None)
        install(is_llm_call)
    assert not hasattr(httpx2.Client._transport_for_url, "__wrapped__")
    install(is_llm_call)
    with tape_in(playing(b"{}")), httpx2.Client() as client:
        assert 200 == client.post("https://api.openai.com/v1/responses").status_code


def test_a_wrapper_that_somebody_put_over_ours_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """Instrumentation that wraps our patch keeps its place, also at uninstall."""
    install(is_llm_call)
    ours = httpx2.Client._transport_for_url

    @functools.wraps(ours)
    def traced(client: Any, url: Any) -> Any:
        return ours(client, url)

    monkeypatch.setattr(httpx2.Client, "_transport_for_url", traced)
    install(is_llm_call)
    assert traced is httpx2.Client._transport_for_url
    uninstall()
    assert traced is httpx2.Client._transport_for_url
    monkeypatch.undo()
    httpx2.Client._transport_for_url = ours.__wrapped__  # type: ignore[attr-defined, method-assign]  # as it was before all


def test_llm_calls_are_ours_where_a_cassette_of_vcrpy_is_open(tmp_path: Path) -> None:
    """Our patch goes above the one that vcrpy put over it, and both go away again."""
    before = vars(aiohttp.ClientSession)["_request"]

    async def ask() -> str:
        async with (
            aiohttp.ClientSession() as session,
            session.post("https://api.openai.com/v1/responses") as response,
        ):
            return await response.text()

    install(is_llm_call)
    with vcr.use_cassette(str(tmp_path / "none.yaml"), record_mode="none"):
        install(is_llm_call)
        with tape_in(playing(b"ours")):
            assert "ours" == asyncio.run(ask())
            assert "ours" == httpx2.post("https://api.openai.com/v1/responses").text
        with pytest.raises(vcr.errors.CannotOverwriteExistingCassetteException):
            httpx.get("http://elsewhere.invalid/")
    with tape_in(playing(b"ours")):
        assert "ours" == asyncio.run(ask())
    uninstall()
    assert before is vars(aiohttp.ClientSession)["_request"]


def test_an_inherited_name_is_taken_away_again() -> None:
    """A name that the class only inherited is deleted, not copied."""

    class Base:
        def work(self) -> str:
            return "base"

    class Own(Base):
        pass

    patches = Patches()
    patches.apply([Patch(owner=Own, name="work", around=lambda _original: lambda _self: "ours")])
    assert "ours" == Own().work()
    patches.restore()
    assert "work" not in vars(Own)


def test_a_moved_name_is_reported_with_library_and_version(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What moved, where, and what to do."""
    monkeypatch.delattr(httpx2.Client, "_transport_for_url")
    with pytest.raises(CaptureUnsupported) as raised:
        check("httpx2", httpx_client.call_sites(httpx2))
    assert str(raised.value).startswith(f"httpx2 {httpx2.__version__}: ")
    assert "Client._transport_for_url does not exist" in str(raised.value)
    assert "Update pytest-llmreplay" in str(raised.value)


@pytest.mark.parametrize(
    ("words", "replacement"),
    [
        ("takes ('self', 'address')", lambda self, address: (self, address)),
        ("_send_single_request does not go through", None),
    ],
)
def test_a_changed_call_site_is_reported(
    monkeypatch: pytest.MonkeyPatch, words: str, replacement: Callable[..., Any] | None
) -> None:
    """A signature or a caller that changed is as bad as a name that moved."""
    if replacement is None:
        monkeypatch.setattr(httpx2.Client, "_send_single_request", lambda *_: None)
    else:
        monkeypatch.setattr(httpx2.Client, "_transport_for_url", replacement)
    with pytest.raises(CaptureUnsupported, match="httpx2") as raised:
        check("httpx2", httpx_client.call_sites(httpx2))
    assert words in str(raised.value)


def test_a_parameter_that_has_its_place_alone_may_have_any_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Logfire puts such a function over a pool's, before anything of ours is there."""
    pool = concurrent.futures.process.ProcessPoolExecutor
    monkeypatch.setattr(pool, "submit", lambda s, fn, /, *_: (s, fn))
    check("concurrent.futures.process", pools.executor_call_sites(concurrent.futures.process))


def test_a_library_of_python_itself_is_reported_by_its_python() -> None:
    """http.client has no version of its own."""
    site = CallSite(owner=http.client.HTTPConnection, name="gone", parameters=("self",))
    with pytest.raises(CaptureUnsupported, match=r"http\.client of Python 3"):
        check("http.client", [site])


def test_a_caller_without_code_is_believed() -> None:
    """What cannot be looked into (a C function, a proxy) is no reason to refuse."""
    owner = SimpleNamespace(__name__="owner", name=lambda self: self, caller=len)
    check("pytest", [CallSite(owner=owner, name="name", parameters=("self",), caller="caller")])


def run_python(code: str, path: Path) -> str:
    """What a fresh interpreter prints."""
    script = path / "script.py"
    script.write_text(textwrap.dedent(code))
    root = Path(pytest_llmreplay.__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-W", "error", str(script)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    assert not done.stderr, done.stderr
    return done.stdout


def test_nothing_is_imported_and_what_comes_later_is_captured(tmp_path: Path) -> None:
    """Installing imports no HTTP library; one that is imported later is captured."""
    printed = run_python(
        """
        import sys
        from pytest_llmreplay.capture.active import open_tape
        from pytest_llmreplay.capture.install import install
        from pytest_llmreplay.capture.tape import Playback

        install(lambda method, url: "llm.invalid" in url)
        heavy = ("httpx", "httpx2", "aiohttp", "urllib3", "requests", "vcr", "httplib2", "yaml")
        print([name for name in heavy if name in sys.modules])

        class Tape:
            def route(self, request):
                return Playback(status=200, headers=(), chunks=(request.library.encode(),))

        import httpx2, requests, aiohttp, asyncio
        print(type(httpx2.__loader__).__name__, type(httpx2.__spec__.loader).__name__)

        async def ask():
            async with aiohttp.ClientSession() as session:
                async with session.get("http://llm.invalid/") as response:
                    return await response.text()

        open_tape(Tape())
        print(httpx2.get("http://llm.invalid/").text, requests.get("http://llm.invalid/").text)
        print(asyncio.run(ask()))
        """,
        tmp_path,
    )
    assert (
        [
            "[]",
            "SourceFileLoader SourceFileLoader",
            "httpx2 requests",
            "aiohttp",
        ]
    ) == printed.splitlines()


def test_a_library_that_cannot_be_captured_fails_its_import(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The import statement says so, instead of calls that go live."""
    (tmp_path / "a_client.py").write_text("class Client: pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    seam = installing._Seam(
        patches=lambda _module: (),
        call_sites=lambda module: (
            CallSite(owner=module.Client, name="send", parameters=("self",)),
        ),
    )
    monkeypatch.setitem(installing._SEAMS, "a_client", seam)
    watch = AfterImport(["a_client"], installing._capture)
    monkeypatch.setattr(sys, "meta_path", [watch, *sys.meta_path])
    with pytest.raises(CaptureUnsupported, match=r"a_client .*Client\.send does not exist"):
        __import__("a_client")


def test_a_module_that_nobody_finds_stays_unfound() -> None:
    """Waiting for a library that is not installed changes nothing."""
    seen: list[ModuleType] = []
    watch = AfterImport(["no_such_library"], seen.append)
    sys.meta_path.insert(0, watch)
    try:
        with pytest.raises(ModuleNotFoundError):
            __import__("no_such_library")
    finally:
        sys.meta_path.remove(watch)
    assert [] == seen


def test_the_rule_and_the_failure_can_be_changed() -> None:
    """A second install replaces what an LLM call is."""
    install(lambda _method, _url: False)
    tape = playing(b"{}")
    install(lambda _method, url: "llm.invalid" in url)
    with tape_in(tape), httpx2.Client() as client:
        assert "{}" == client.get("http://llm.invalid/").text
    assert isinstance(tape, MemoryTape)


def test_a_loader_that_is_waited_for_is_still_its_own() -> None:
    """Whoever asks for the spec of a library finds what its loader offers."""
    sys.modules.pop("this", None)
    watch = AfterImport(["this"], lambda _module: None)
    spec = watch.find_spec("this", None)
    assert spec is not None
    assert spec.loader is not None
    assert spec.loader.get_source("this").startswith("s =")  # type: ignore[attr-defined]  # loaders of files have it
