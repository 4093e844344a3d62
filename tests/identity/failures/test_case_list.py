"""The list of cases: what is open, whose it is, for how long, and closing several with one note."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from identity.failures import cases
from identity.models import Failure
from identity.roles import AUDITOR
from tests.clients import signed_in
from tests.factories import create_failure, create_staff, create_vendor

pytestmark = pytest.mark.django_db
LIST = "/admin/identity/failure/"


@pytest.fixture
def as_vera() -> Client:
    return signed_in(create_staff())


def a_case(reason: str, *, name: str = "", **more) -> Failure:
    if name:
        more["user"] = create_vendor(state="onboarding", name=name).user
    case = cases.report(stage="sign_in", reason=reason, **more)
    assert case
    return case


def listed(client: Client, query: str = "") -> dict[str, str]:
    """The text of each row by its reference."""
    page = client.get(LIST + query).text
    rows = re.findall(r"<tr>(.*?)</tr>", page.partition("<tbody>")[2], flags=re.DOTALL)
    texts = [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in rows]
    return {text.split()[0]: text for text in texts}


def test_open_cases_are_listed_with_name_problem_age_and_who_deals_with_it(as_vera):
    own = a_case("wrong_password", name="Dora Dimitrova")
    a_case("wrong_password", user=own.user)
    for_it = a_case("client_secret_expired")
    over = a_case("account_locked", name="Chen Wei")
    cases.resolve(over, how="rang them")
    Failure.objects.filter(pk=own.pk).update(opened_at=timezone.now() - dt.timedelta(days=3, hours=2))

    rows = listed(as_vera)

    assert set(rows) == {own.reference, for_it.reference}
    row = rows[own.reference]
    assert re.search(r"Dora Dimitrova .*×2 .*3 days .*Vendor Management", row.replace("\xa0", " ")), row
    assert "Operations" in rows[for_it.reference]
    assert set(listed(as_vera, "?for=vm")) == {own.reference}
    assert set(listed(as_vera, "?for=operations")) == {for_it.reference}
    assert set(listed(as_vera, "?state__exact=resolved")) == {over.reference}
    assert set(listed(as_vera, "?state__exact=all")) == {own.reference, for_it.reference, over.reference}


def test_search_looks_among_those_that_are_resolved_too(as_vera):
    over = a_case("account_locked", name="Chen Wei")
    cases.resolve(over, how="rang them")

    assert set(listed(as_vera, f"?q={over.reference}")) == {over.reference}
    assert not listed(as_vera, f"?q={over.reference}&state__exact=open")


def test_names_take_one_statement_however_many_cases(as_vera):
    def statements() -> int:
        with CaptureQueriesContext(connection) as context:
            as_vera.get(LIST)
        return len(context)

    a_case("wrong_password", name="One")
    as_vera.get(LIST)
    few = statements()
    for number in range(5):
        a_case("wrong_password", name=f"Vendor {number}")

    assert statements() == few


def close(client: Client, *chosen: Failure, **fields: str):
    picked = {"action": "resolve_selected", "_selected_action": [case.pk for case in chosen]}
    return client.post(LIST, picked | fields, follow=True)


def test_several_are_resolved_with_one_note(as_vera):
    one, other, left = (a_case("wrong_password", name=name) for name in ("One", "Other", "Left"))

    asked = close(as_vera, one, other)
    assert one.reference in asked.text
    assert left.reference not in asked.text
    assert not Failure.objects.filter(state="resolved").exists(), "asked first"
    nothing = close(as_vera, one, other, sure="yes", note=" ")
    assert "errorlist" in nothing.text
    cases.resolve(other, how="a colleague was faster")
    done = close(as_vera, one, other, sure="yes", note="Their provider was down")

    assert set(Failure.objects.values_list("reference", "state", "resolved_how")) == {
        (one.reference, "resolved", "Their provider was down"),
        (other.reference, "resolved", "a colleague was faster"),
        (left.reference, "open", ""),
    }
    one.refresh_from_db()
    assert one.resolved_by is not None
    said = re.findall(r'<li class="(success|warning)">([^<]*)', done.text)
    assert [kind for kind, _text in said] == ["success", "warning"], said


def test_who_may_not_resolve_cannot_choose_any():
    auditor = signed_in(create_staff(role=AUDITOR))
    case = a_case("wrong_password", name="One")

    assert "_selected_action" not in auditor.get(LIST).text
    close(auditor, case, sure="yes", note="x")

    case.refresh_from_db()
    assert case.state == "open"


def test_case_leads_to_its_like(as_vera):
    one = a_case("wrong_password", name="One")
    same_person = a_case("account_locked", user=one.user)
    same_reason = a_case("wrong_password", name="Other")
    unlike = create_failure(address="eva@mail.example", reason="says_cannot_sign_in")

    page = as_vera.get(f"{LIST}{one.pk}/change/").text

    def links(name: str) -> set[str]:
        part = page.partition(f'id="{name}"')[2].partition("</ul>")[0]
        return set(re.findall(r"/failure/(\d+)/change/", part))

    assert links("of-same-person") == {str(same_person.pk)}
    assert links("for-same-reason") == {str(same_reason.pk)}
    assert f"/failure/{unlike.pk}/change/" not in page
