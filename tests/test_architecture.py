"""The structure of the package: who may import whom, and where a library is at home."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import pytest_llmreplay

PACKAGE = Path(pytest_llmreplay.__file__).parent
TESTS = Path(__file__).parent

STAGES = {
    "errors": set(),
    "event": set(),
    "loopback": {"event", "providers"},
    "providers": {"event", "errors"},
    "cassette": {"event", "errors", "providers"},
    "capture": {"event", "errors", "providers"},
    "playback": {"event", "errors", "providers", "cassette", "capture"},
    "compare": {"event", "errors", "providers"},
    "replay": {"event", "errors", "loopback", "providers", "cassette", "compare"},
    "judge": {"event", "errors", "providers", "compare", "replay"},
    "runs": {"event", "errors", "providers", "cassette", "compare", "replay"},
    "report": {
        "event",
        "errors",
        "providers",
        "cassette",
        "capture",
        "compare",
        "judge",
        "replay",
        "playback",
    },
    "direct": {"event", "errors", "providers", "cassette", "compare", "replay", "report"},
    "importers": {"event", "errors", "providers", "cassette", "playback"},
    "serve": {"event", "errors", "loopback", "providers", "capture", "playback", "replay"},
    "hookspecs": set(),
    "plugin": {
        "event",
        "errors",
        "hookspecs",
        "providers",
        "cassette",
        "capture",
        "playback",
        "compare",
        "direct",
        "judge",
        "replay",
        "report",
        "runs",
        "serve",
    },
    "commands": {
        "event",
        "errors",
        "providers",
        "cassette",
        "capture",
        "playback",
        "compare",
        "importers",
        "judge",
        "plugin",
        "replay",
        "report",
        "runs",
        "serve",
    },
    "cli": {"commands", "errors", "report"},
}
"""Each stage and the stages that it may import."""

HOMES = {
    "pytest": {"plugin", "hookspecs"},
    "_pytest": set(),
    "yaml": {"cassette"},
    "vcr": {"capture"},
    "openai": set(),
    "anthropic": set(),
    "deepdiff": {"compare"},
    "jsonschema": {"compare"},
    "referencing": {"compare"},
    "genai_prices": {"compare"},
    "rapidfuzz": {"compare"},
    "regex": {"cassette", "compare"},
    "tiktoken": {"compare"},
    "urllib3": {"replay"},
    "xdist": {"plugin"},
}
"""Libraries and the only stages that may import them."""

HEAVY = {
    "openai",
    "anthropic",
    "vcr",
    "deepdiff",
    "jsonschema",
    "genai_prices",
    "rapidfuzz",
    "regex",
    "tiktoken",
    "aiohttp",
    "httpx2",
}
"""Libraries that are imported inside functions only."""

MOST_LINES = 400

MOST_LINES_OF_A_HOOK = 10


def modules() -> list[Path]:
    """Every module of the package."""
    return sorted(PACKAGE.rglob("*.py"))


def stage_of(module: Path) -> str:
    """The stage that a module belongs to; the package's own docstring module is `__init__`."""
    return module.relative_to(PACKAGE).parts[0].removesuffix(".py")


@cache
def imports(module: Path) -> tuple[tuple[str, bool], ...]:
    """What a module imports, as absolute names, and whether it does so at its top level."""
    tree, package = parsed(module), package_of(module)
    top = set(map(id, tree.body))
    return tuple(
        (name, id(node) in top) for node in ast.walk(tree) for name in imported_by(node, package)
    )


def imported_by(node: ast.AST, package: list[str]) -> Iterator[str]:
    """The modules that a statement imports; a name taken out of the package itself is one."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        home = home_of(node, package)
        if home == "pytest_llmreplay":
            yield from (f"pytest_llmreplay.{alias.name}" for alias in node.names)
        else:
            yield home


def home_of(node: ast.ImportFrom, package: list[str]) -> str:
    """The module that a statement takes names out of."""
    base = package[: len(package) - node.level + 1] if node.level else []
    return ".".join([*base, *([node.module] if node.module else [])])


def taken(module: Path) -> Iterator[tuple[str, str]]:
    """The names that a module takes out of others, each behind the name of the other."""
    for node in ast.walk(parsed(module)):
        if isinstance(node, ast.ImportFrom):
            home = home_of(node, package_of(module))
            yield from ((home, alias.name) for alias in node.names)


@cache
def public(module: Path) -> frozenset[str]:
    """What a module has in its `__all__`."""
    return frozenset(
        name
        for node in parsed(module).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
        for name in ast.literal_eval(node.value)
    )


def parsed(module: Path) -> ast.Module:
    """The code of a module."""
    return ast.parse(module.read_text(encoding="utf-8"))


def package_of(module: Path) -> list[str]:
    """The names of the packages that a module is in."""
    return ["pytest_llmreplay", *module.relative_to(PACKAGE).parts[:-1]]


def test_a_stage_imports_only_what_the_table_allows() -> None:
    """Data flows one way, also through imports inside functions."""
    assert [] == [
        (str(module.relative_to(PACKAGE)), name)
        for module in modules()
        if (stage := stage_of(module)) != "__init__"
        for name, _ in imports(module)
        if name.startswith("pytest_llmreplay.")
        and name.split(".")[1] not in {stage, *STAGES[stage]}
    ]


def test_a_library_is_imported_only_where_it_is_at_home() -> None:
    """A heavy library has one home, and only the plugin knows pytest."""
    assert [] == [
        (str(module.relative_to(PACKAGE)), name)
        for module in modules()
        for name, _ in imports(module)
        if stage_of(module) not in HOMES.get(name.split(".")[0], {stage_of(module)})
    ]


def test_what_another_module_imports_is_public() -> None:
    """Whoever changes a name that `__all__` does not have need not look elsewhere."""
    files = {name_of(module): module for module in modules()}
    assert [] == [
        (str(module.relative_to(PACKAGE)), home, name)
        for module in modules()
        for home, name in taken(module)
        if home in files and f"{home}.{name}" not in files and name not in public(files[home])
    ]


def test_no_heavy_library_is_imported_at_the_top_of_a_module() -> None:
    """Importing the plugin costs nothing that nobody asked for."""
    assert [] == [
        (str(module.relative_to(PACKAGE)), name)
        for module in modules()
        for name, top in imports(module)
        if top and name.split(".")[0] in HEAVY
    ]


def test_a_module_can_be_read_in_one_sitting() -> None:
    """A module with two jobs is split before it is this long."""
    lengths = {module: len(module.read_text("utf-8").splitlines()) for module in modules()}
    assert [] == [module for module, lines in lengths.items() if lines > MOST_LINES]


def test_a_hook_hands_over() -> None:
    """What pytest calls is read at a glance; what it does is the business of a stage."""
    assert [] == [
        (str(module.relative_to(PACKAGE)), hook.name)
        for module in modules()
        if stage_of(module) == "plugin"
        for hook in ast.walk(parsed(module))
        if isinstance(hook, ast.FunctionDef) and hook.name.startswith("pytest_")
        if lines_of(hook) > MOST_LINES_OF_A_HOOK
    ]


def lines_of(function: ast.FunctionDef) -> int:
    """The lines of its body, without a docstring."""
    body = function.body[ast.get_docstring(function) is not None :]
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_every_error_is_in_the_tree() -> None:
    """Who catches an error, or adds one, sees all of them in one place, each below its base."""
    tree = drawn_errors()
    assert [] == [
        (name, base)
        for module in modules()
        for name, base in raised(module)
        if base in tree and tree.get(name) != base
    ]


def drawn_errors() -> dict[str, str]:
    """Each error in the tree that `errors` draws → its base."""
    found: dict[str, str] = {}
    branch: list[str] = []
    drawing = (ast.get_docstring(parsed(PACKAGE / "errors.py")) or "").split("\n\n")[1]
    for line in drawing.splitlines():
        name = line.lstrip("│├└─ ").split()[0]
        branch = [*branch[: line.index(name) // 4], name]
        found[name] = "".join(branch[-2:-1])
    return found


def raised(module: Path) -> Iterator[tuple[str, str]]:
    """The classes of a module, each with its bases."""
    for node in ast.walk(parsed(module)):
        if isinstance(node, ast.ClassDef):
            yield from ((node.name, ast.unparse(base)) for base in node.bases)


def test_an_ignored_type_says_why() -> None:
    """Whoever reads it need not find out whether it is still true; in tests too."""
    bare = re.compile(r"# type: ignore(?:\[[a-z, -]+\])?$")
    assert [] == lines_with(bare)


def test_an_ignored_rule_says_why() -> None:
    """The same for what the linter is told to pass over."""
    bare = re.compile(r"# noqa(?:: [A-Z0-9, ]+)?$")
    assert [] == lines_with(bare)


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    """The lines of code and tests in which something is found."""
    return [
        f"{module}: {line.strip()}"
        for module in (*modules(), *sorted(TESTS.rglob("*.py")))
        for line in module.read_text("utf-8").splitlines()
        if pattern.search(line)
    ]


def test_every_stage_is_in_the_table() -> None:
    """A new stage states what it may import."""
    assert {stage_of(module) for module in modules()} - {"__init__"} <= set(STAGES)


def test_no_imports_go_round_in_a_circle() -> None:
    """Any module can be imported first; a circle would work in one order and fail in another."""
    files = {name_of(module): module for module in modules()}
    needs = {
        name: {imported for imported, top in imports(module) if top} & files.keys()
        for name, module in files.items()
    }
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_the_packages_of_a_stage_need_each_other_in_one_direction() -> None:
    """Who reads a package need not read those that are built on it, not even for a late import."""
    names = {name_of(module): module for module in modules()}
    needs: dict[str, set[str]] = {}
    for name, module in names.items():
        needs.setdefault(part_of(name), set()).update(
            part_of(home) for home in homes(module) if home in names
        )
    try:
        TopologicalSorter({part: others - {part} for part, others in needs.items()}).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def homes(module: Path) -> Iterator[str]:
    """The modules that names are taken out of, and modules that are themselves taken."""
    for home, name in taken(module):
        yield home
        yield f"{home}.{name}"


def part_of(name: str) -> str:
    """The package of a stage that a module is in, or the module where it is in none."""
    return ".".join(name.split(".")[:3])


def name_of(module: Path) -> str:
    """The name by which a module is imported."""
    parts = module.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")
