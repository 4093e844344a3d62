"""What docs/architecture.md promises about the code, and what the docs say about commands, settings and states."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

import pytest
from django.core.management import call_command, get_commands
from procrastinate.contrib.django import app as procrastinate_app

from identity import roles
from identity.models import Invitation
from onboarding.models import Submission
from tests.processes import PROJECT
from vendors.models import Vendor

OURS = {"identity", "vendors", "onboarding", "passport", "tests"}
MAY_IMPORT = {
    "identity": {"identity"},
    "vendors": {"vendors", "identity"},
    "onboarding": {"onboarding", "vendors", "identity"},
}
SANDBOX_COMMAND = "identity.management.commands.sandbox"
# What models are built of; everything else of an app stands on its models.
UNDER_MODELS = {"vendors.answers.encrypted", "identity.sessions.store"}
EDGES = {"views", "change_views", "wizard", "admin", "urls", "change_urls", "management", "middleware"}
# The wizard's questions are its subject matter, so these two know the forms.
KNOW_FORMS = {"onboarding.draft.steps", "onboarding.draft.progress"}

DOCS = [PROJECT / "README.md", *sorted((PROJECT / "docs").glob("*.md"))]
ARCHITECTURE = PROJECT / "docs" / "architecture.md"


@dataclass(frozen=True)
class Import:
    importer: str
    imported: str

    def __str__(self) -> str:
        return f"{self.importer} imports {self.imported}"


def module_name(path: Path) -> str:
    parts = path.relative_to(PROJECT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def modules() -> dict[str, Path]:
    return {module_name(path): path for app in MAY_IMPORT for path in (PROJECT / app).rglob("*.py")}


def imports_in(source: str, *, importer: str, is_package: bool = False) -> Iterator[Import]:
    """Every import of something of ours, also those inside functions. `from identity import x` names both."""
    package = importer.split(".") if is_package else importer.split(".")[:-1]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*above, *filter(None, [node.module])])
            names = [f"{module}.{alias.name}" for alias in node.names]
        else:
            continue
        yield from (Import(importer, name) for name in names if name.partition(".")[0] in OURS)


def is_inside(name: str, package: str) -> bool:
    return f"{name}.".startswith(f"{package}.")


def layer(module: str) -> str:
    """`views` of `vendors.profile.views`; of a name imported from it as well."""
    return (module.split(".") + [""])[1]


def offence(found: Import) -> str:
    """Why this import is against the rules; empty if it is not."""
    importer, imported = found.importer, found.imported
    app, other = importer.partition(".")[0], imported.partition(".")[0]
    if is_inside(importer, "identity.sandbox"):
        return "" if is_inside(imported, "identity.sandbox") else "the sandbox tenant knows nothing of Passport"
    if is_inside(imported, "identity.sandbox"):
        return "" if importer == SANDBOX_COMMAND else "only its own command knows the sandbox tenant"
    if other not in MAY_IMPORT[app]:
        return f"{app} may import {' and '.join(sorted(MAY_IMPORT[app]))} only"
    if other != app or layer(importer) == "migrations":
        return ""
    if layer(importer) == "models" != layer(imported) and not any(is_inside(imported, name) for name in UNDER_MODELS):
        return "models import nothing that stands on them"
    if layer(importer) not in EDGES:
        if layer(imported) in EDGES:
            return "views, admin and commands stand on top: nothing below imports them"
        if layer(imported) == "forms" and layer(importer) != "forms" and importer not in KNOW_FORMS:
            return "forms are for views and admin"
    return ""


def test_imports_go_one_way():
    offences = [
        f"{found}: {why}"
        for name, path in modules().items()
        for found in imports_in(path.read_text(), importer=name, is_package=path.name == "__init__.py")
        if (why := offence(found))
    ]

    assert offences == []


@pytest.mark.parametrize(
    ("importer", "line"),
    [
        ("identity.invitations.lifecycle", "from vendors.models import Vendor"),
        ("identity.sign_in.views", "import onboarding.models"),
        ("vendors.lifecycle", "def late():\n    from onboarding import review"),
        ("vendors.admin.vendor", "from passport.settings import BASE_DIR"),
        ("onboarding.wizard.views", "from passport import settings"),
        ("onboarding.management.commands.demo_data", "from tests.person import Person"),
        ("onboarding.management.commands.demo_data", "from identity.sandbox import client"),
        ("identity.microsoft.graph", "from .sandbox.client import Client"),
        ("identity.sandbox.server", "from identity import roles"),
        ("identity.sandbox.server", "from ..models import User"),
        ("vendors.models", "from vendors import lifecycle"),
        ("identity.models", "from .invitations import invite"),
        ("vendors.lifecycle", "from vendors.admin.forms import AddVendorForm"),
        ("vendors.lifecycle", "from vendors import admin"),
        ("onboarding.review.decide", "from onboarding.wizard.views import index"),
        ("onboarding.forms", "from onboarding import views"),
        ("onboarding.submission.submit", "from onboarding.forms import StepForm"),
    ],
)
def test_wrong_import_is_found(importer, line):
    assert [offence(found) for found in imports_in(line, importer=importer) if offence(found)]


@pytest.mark.parametrize(
    ("importer", "line"),
    [
        ("onboarding.review.decide", "from vendors import lifecycle"),
        ("vendors.hooks", "from identity.sign_in.pipeline import NotAllowed"),
        ("identity.models", "from identity.sessions.store import SessionStore"),
        ("identity.sandbox.server", "from . import authorize, control"),
        ("identity.sandbox.server", "from .web import Request"),
        (SANDBOX_COMMAND, "from identity.sandbox import __main__ as sandbox"),
        ("vendors.admin.vendor", "from vendors.admin.forms import AddVendorForm"),
        ("vendors.models", "from django.db import models"),
    ],
)
def test_right_import_is_no_offence(importer, line):
    assert [offence(found) for found in imports_in(line, importer=importer) if offence(found)] == []


def variables_read() -> set[str]:
    """First arguments of `env.…("NAME")` and `required("NAME")`."""
    found = set()
    for node in ast.walk(ast.parse((PROJECT / "passport" / "settings.py").read_text())):
        if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
            continue
        function = node.func
        reads = isinstance(function, ast.Name) and function.id == "required"
        reads |= isinstance(function, ast.Attribute) and ast.unparse(function.value) == "env"
        if reads:
            found.add(node.args[0].value)
    return found


def variables_listed() -> set[str]:
    return set(re.findall(r"^([A-Z_]+)=", (PROJECT / ".env.example").read_text(), re.MULTILINE))


def test_env_example_lists_what_the_settings_read():
    assert variables_listed() == variables_read()


def test_tests_fix_every_variable():
    fixed = set(re.findall(r'^        "([A-Z_]+)":', (PROJECT / "tests" / "settings.py").read_text(), re.MULTILINE))

    assert fixed == variables_read()


@pytest.mark.django_db
def test_migrations_are_complete():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


# What the docs say


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_links_lead_somewhere(path):
    for target, fragment in re.findall(r"\]\(([^)#\s]*)#?([^)\s]*)\)", path.read_text()):
        if "://" in target:
            continue
        file = (path.parent / target).resolve() if target else path
        assert file.exists(), target
        assert not fragment or fragment in anchors(file), fragment


def anchors(path: Path) -> set[str]:
    """What GitHub makes of the headings."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_files_named_exist(path):
    names = re.findall(r"`((?:[\w.-]+/)*[\w-]+\.(?:py|md|txt|toml|html|css))`", path.read_text())
    names += re.findall(r"`((?:identity|vendors|onboarding|passport|tests|docs|\.ci)/[\w./-]*)`", path.read_text())

    assert [name for name in names if not (PROJECT / name).exists()] == []


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_commands_named_exist(path):
    text = path.read_text()
    targets = re.findall(r"^([a-z]+):", (PROJECT / "Makefile").read_text(), re.MULTILINE)

    assert set(re.findall(r"`make ([a-z]+)", text)) - set(targets) == set()
    assert set(re.findall(r"manage\.py ([a-z_]+)", text)) - set(get_commands()) == set()


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_settings_named_exist(path):
    named = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)+)`", path.read_text()))

    assert named - variables_listed() == set()


def section(title: str) -> str:
    """The text under one heading of docs/architecture.md."""
    lines = ARCHITECTURE.read_text().splitlines()
    start = lines.index(f"## {title}") + 1
    return "\n".join(takewhile(lambda line: not line.startswith("## "), lines[start:]))


def diagram(title: str) -> set[tuple[str, str, str]]:
    """The arrows of a section's state diagram: from, move, to."""
    arrows = re.findall(r"^ +(\w+) --> (\w+): (\w+)$", section(title), re.MULTILINE)
    return {(origin, move, target) for origin, target, move in arrows}


def test_vendor_diagram_shows_the_moves():
    moves = {
        (origin, move, target or "the_state_before")
        for move, ways in Vendor.MOVES.items()
        for origin, target in ways.items()
        if move not in ("suspend", "erase")
    } | {("any_state", "erase", "erased")}
    suspended = set(re.search(r"Suspended from: (.+)\.", section("A vendor"))[1].split(", "))

    assert diagram("A vendor") == moves
    assert set(Vendor.MOVES["erase"]) == set(Vendor.State) - {Vendor.State.ERASED}
    assert suspended == {state.value.replace("_", " ") for state in Vendor.MOVES["suspend"]}


def test_invitation_diagram_shows_the_moves():
    moves = {
        (origin.value, move, target.value) for move, ways in Invitation.MOVES.items() for origin, target in ways.items()
    }

    assert diagram("An invitation") == moves


def test_submission_diagram_shows_the_moves():
    moves = {
        (origin.value, move, target.value) for move, ways in Submission.MOVES.items() for origin, target in ways.items()
    }

    assert diagram("A submission") == moves


def table(title: str) -> list[list[str]]:
    """The cells of a section's table without its head."""
    rows = [line.strip("| ").split(" | ") for line in section(title).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def test_role_table_shows_the_permissions():
    head = next(line for line in section("Who may do what").splitlines() if line.startswith("|"))
    names = [cell.strip() for cell in head.strip("| ").split(" | ")][1:]
    shown: dict[str, set[str]] = {name: set() for name in names}
    for deed, *marks in table("Who may do what"):
        permissions = {permission for permission in re.findall(r"`([a-z_]+\.[a-z_]+)`", deed)}
        assert permissions, deed
        for name, mark in zip(names, marks, strict=True):
            if mark == "yes":
                shown[name] |= permissions

    assert shown == {name: roles.permissions([name]) for name in roles.PERMISSIONS}


def test_task_table_shows_every_task():
    procrastinate_app.perform_import_paths()
    crons = {
        periodic.task.name: periodic.cron
        for periodic in procrastinate_app.periodic_registry.periodic_tasks.values()
        if not periodic.task.name.startswith("builtin")
    }
    ours = {task.name for name, task in procrastinate_app.tasks.items() if name.partition(".")[0] in MAY_IMPORT}
    shown = {cells[0].strip("`"): cells[1].strip("`") for cells in table("Tasks")}

    assert set(shown) == ours
    assert {name: cron for name, cron in shown.items() if "*" in cron} == crons


@pytest.mark.parametrize(("page", "at_least"), [("security.md", 40), ("onboarding.md", 25)])
def test_tests_that_the_docs_name_exist(page, at_least):
    named = set(re.findall(r"`(test_\w+)`", (PROJECT / "docs" / page).read_text()))
    sources = [path.read_text() for path in (PROJECT / "tests").rglob("test_*.py")]
    written = {name for source in sources for name in re.findall(r"^def (test_\w+)\(", source, re.MULTILINE)}

    assert len(named) > at_least
    assert named <= written, named - written
