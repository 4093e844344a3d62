"""Whoever reads a module of the sandbox tenant needs to know only what is below it."""

import ast
import graphlib
from collections.abc import Mapping

import pytest

from tests.sandbox_fixture import ROOT

SANDBOX = "identity.sandbox"


def sources() -> dict[str, str]:
    found = {}
    for path in (ROOT / "identity" / "sandbox").rglob("*.py"):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        found[name] = path.read_text()
    return found


def imports(texts: Mapping[str, str]) -> dict[str, set[str]]:
    """What each module imports of the others, be it inside a function or under TYPE_CHECKING."""
    return {name: {one for one in _named(name, text) if one in texts} for name, text in texts.items()}


def _named(importer: str, text: str):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = importer.split(".")[: -node.level] if node.level else []
            module = ".".join([*package, *filter(None, [node.module])])
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def circle(texts: Mapping[str, str]) -> list[str]:
    try:
        graphlib.TopologicalSorter(imports(texts)).prepare()
    except graphlib.CycleError as error:
        return error.args[1]
    return []


def below(module: str) -> set[str]:
    direct, found = imports(sources()), set()
    waiting = [module]
    while waiting:
        new = direct[waiting.pop()] - found
        found |= new
        waiting += new
    return found


def test_modules_import_in_one_direction():
    assert circle(sources()) == []


@pytest.mark.parametrize(
    "back",
    [
        "from .routes import ROUTES",
        "from . import routes",
        "from identity.sandbox import routes",
        "import identity.sandbox.routes",
        "def late():\n    from .routes import ROUTES",
        "if TYPE_CHECKING:\n    from .routes import ROUTES",
    ],
)
def test_circle_is_found(back):
    texts = {f"{SANDBOX}.routes": "from .graph import users", f"{SANDBOX}.graph.users": "from .. import tenant"}

    assert circle(texts | {f"{SANDBOX}.tenant": ""}) == []
    assert circle(texts | {f"{SANDBOX}.tenant": back})


def test_the_tenant_knows_no_http():
    known = {name.removeprefix(f"{SANDBOX}.") for name in below(f"{SANDBOX}.tenant")}

    assert "state" in known
    assert not {name for name in known if name in ("web", "routes", "server") or name.startswith(("entra.", "graph."))}
