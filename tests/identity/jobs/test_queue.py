"""Every task left for the worker exists and is given what it takes; its name is a string that nothing else checks."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator

import pytest
from procrastinate.contrib.django import app
from procrastinate.exceptions import TaskNotFound

from identity.jobs.queue import defer
from tests.processes import PROJECT

LOWEST_FIRST = ["identity", "vendors", "onboarding"]
# Queues whatever is periodic, of every app, by the names under which it is registered.
QUEUES_ALL_OF_THEM = "identity/jobs/worker.py"


def modules() -> Iterator[tuple[str, ast.Module]]:
    for name in LOWEST_FIRST:
        for path in (PROJECT / name).rglob("*.py"):
            yield str(path.relative_to(PROJECT)), ast.parse(path.read_text())


def deferrals(tree: ast.Module) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "defer":
            yield node


def trouble_with(call: ast.Call, *, path: str) -> str:
    """Why the worker could not run it; empty if it can."""
    if not call.args or not isinstance(call.args[0], ast.Constant):
        return "" if path == QUEUES_ALL_OF_THEM else "which task it is can be seen at run time only"
    name = call.args[0].value
    own_app = path.partition("/")[0]
    if LOWEST_FIRST.index(name.partition(".")[0]) > LOWEST_FIRST.index(own_app):
        return f"{own_app} knows nothing of {name}"
    if name not in app.tasks:
        return f"there is no task {name}"
    given = {keyword.arg for keyword in call.keywords} - {"at", "queue"}
    taken = set(inspect.signature(app.tasks[name].func).parameters)
    return "" if given == taken else f"{name} takes {sorted(taken)}, not {sorted(map(str, given))}"


def test_every_task_that_is_deferred_exists_and_gets_its_arguments():
    calls = [(path, call) for path, tree in modules() for call in deferrals(tree)]

    assert len(calls) > 25
    assert [f"{path}:{call.lineno}: {why}" for path, call in calls if (why := trouble_with(call, path=path))] == []


@pytest.mark.parametrize(
    "line",
    [
        'defer("identity.tasks.mail_faliure", failure_id=1)',
        'defer("identity.tasks.mail_failure", failure=1)',
        'defer("identity.tasks.mail_failure")',
        'defer("identity.tasks.mail_reminder", invitation_id="")',
        'defer("vendors.tasks.run_import", import_id=1)',
        "defer(task, failure_id=1)",
    ],
)
def test_wrong_deferral_is_found(line):
    [call] = deferrals(ast.parse(line))

    assert trouble_with(call, path="identity/failures/cases.py")


def test_there_is_no_other_way_to_defer():
    """Nothing imports tasks, and procrastinate's own way is used by identity/jobs alone."""
    others = []
    for path, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                imports_tasks = node.module and node.module.endswith(".tasks")
                imports_tasks = imports_tasks or any(alias.name == "tasks" for alias in node.names)
            elif isinstance(node, ast.Attribute) and not path.startswith("identity/jobs/"):
                imports_tasks = node.attr == "configure_task"
            else:
                continue
            if imports_tasks:
                others.append(f"{path}:{node.lineno}")

    assert others == []


@pytest.mark.django_db
def test_unknown_task_is_refused_at_once():
    """A job that no worker knows would be taken up and fail long after the transaction that wanted it."""
    with pytest.raises(TaskNotFound):
        defer("identity.tasks.mail_faliure", failure_id=1)
