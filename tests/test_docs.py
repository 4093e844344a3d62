"""What docs/architecture.md promises about the code, and what the docs say about commands, settings and states."""

import ast
import re
from itertools import takewhile
from pathlib import Path

import pytest
from django.core.management import call_command, get_commands
from procrastinate.contrib.django import app as procrastinate_app

from identity import roles
from identity.failures import reasons
from identity.failures.runbooks import RUNBOOKS
from identity.models import Invitation
from onboarding.models import Submission
from tests.processes import PROJECT
from vendors.models import Vendor

APPS = {"identity", "vendors", "onboarding"}

DOCS = [PROJECT / "README.md", PROJECT / "CONTRIBUTING.md", *sorted((PROJECT / "docs").glob("*.md"))]
ARCHITECTURE = PROJECT / "docs" / "architecture.md"


def variables_read() -> set[str]:
    """First arguments of `env.…("NAME")` and of the functions of settings.py that read a variable."""
    found = set()
    for node in ast.walk(ast.parse((PROJECT / "passport" / "settings.py").read_text())):
        if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
            continue
        function = node.func
        reads = isinstance(function, ast.Name) and function.id in {"required", "whole_number"}
        reads |= isinstance(function, ast.Attribute) and ast.unparse(function.value) == "env"
        if reads:
            found.add(node.args[0].value)
    return found


def variables_listed() -> set[str]:
    return set(re.findall(r"^([A-Z_]+)=", (PROJECT / ".env.example").read_text(), re.MULTILINE))


def constants() -> set[str]:
    """Names in capitals that settings and modules assign."""
    sources = [path.read_text() for app in (*APPS, "passport") for path in (PROJECT / app).rglob("*.py")]
    return {
        name for source in sources for name in re.findall(r"^([A-Z]+(?:_[A-Z]+)+)(?::.*)? = ", source, re.MULTILINE)
    }


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
    ours = r"identity|vendors|onboarding|passport|tests|docs|deploy|\.ci"
    names += re.findall(rf"`((?:{ours})/[\w./-]*)`", path.read_text())

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

    assert named - variables_listed() - constants() == set()


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
    ours = {
        task.name for name, task in procrastinate_app.tasks.items() if name.partition(".")[0] in {*APPS, "passport"}
    }
    rows = table("Tasks")
    shown = {cells[0].strip("`"): cells[1].strip("`") for cells in rows}

    assert set(shown) == ours
    assert len(rows) == len(shown), "none twice"
    assert {name: cron for name, cron in shown.items() if "*" in cron} == crons


@pytest.mark.parametrize(("page", "at_least"), [("security.md", 40), ("onboarding.md", 25)])
def test_tests_that_the_docs_name_exist(page, at_least):
    named = set(re.findall(r"`(test_\w+)`", (PROJECT / "docs" / page).read_text()))
    sources = [path.read_text() for path in (PROJECT / "tests").rglob("test_*.py")]
    written = {name for source in sources for name in re.findall(r"^def (test_\w+)\(", source, re.MULTILINE)}

    assert len(named) > at_least
    assert named <= written, named - written


def test_runbooks_that_emails_name_are_headings_and_for_operations():
    headings = re.findall(r"^### (.+)$", (PROJECT / "docs" / "operations.md").read_text(), re.MULTILINE)

    assert set(RUNBOOKS.values()) <= set(headings)
    assert {reasons.CATALOGUE[code].audience for code in RUNBOOKS} == {reasons.OPERATIONS}
