"""Saving a step of the wizard with 1 and with 50 language pairs in the draft."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.benchmarks.rounds import compare, statements, wall
from tests.benchmarks.sizes import ROUNDS
from tests.clients import signed_in
from tests.factories import create_vendor
from tests.onboarding import answers
from vendors.models import VendorState

TIMES = 3


@pytest.mark.django_db
def test_step_saved(report: Callable[..., None]) -> None:
    one, fifty = as_vendor_with(1), as_vendor_with(50)

    for step, typed_with in [("about", lambda pairs: answers.ABOUT), ("languages", answers.languages_of)]:
        few, many = typed_with(1), typed_with(50)
        compared = compare(
            lambda step=step, many=many: saved(fifty, step, many),
            lambda step=step, few=few: saved(one, step, few),
            rounds=ROUNDS,
        )
        sql = [len(statements_of_a_save(fifty, step, many)), len(statements_of_a_save(one, step, few))]
        report(f"wizard, step “{step}” saved: 50 language pairs / 1", compared)
        report("  SQL statements", f"{sql[0]} / {sql[1]}", wanted="the same")
        assert sql[0] == sql[1]


def as_vendor_with(pairs: int) -> Client:
    client = signed_in(create_vendor(state=VendorState.ONBOARDING).user)
    answers.fill_in(client, languages=answers.languages_of(pairs))
    return client


def prepared(client: Client, step: str, typed: dict[str, Any]) -> Callable[[], None]:
    """The page is opened already; what is measured is pressing the button."""
    body = answers.body(step, typed, revision=answers.revision_shown(client.get(answers.url(step))))

    def press() -> None:
        assert client.post(answers.url(step), body).status_code == 302

    return press


def saved(client: Client, step: str, typed: dict[str, Any]) -> float:
    return sum(wall(prepared(client, step, typed)) for _time in range(TIMES)) / TIMES


def statements_of_a_save(client: Client, step: str, typed: dict[str, Any]) -> list[str]:
    return statements(prepared(client, step, typed))
