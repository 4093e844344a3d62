"""An exception has a reason, someone who granted it and a last day, and never counts as qualified."""

from __future__ import annotations

import pytest

from identity import roles
from tests.clients import signed_in
from tests.factories import create_staff
from tests.records import events
from tests.vendors.evidence.profile import offers, profile
from tests.vendors.stored_documents import in_days
from vendors.evidence import exceptions
from vendors.models import IsoException, Vendor

pytestmark = pytest.mark.django_db


def url(vendor: Vendor, rest: str = "") -> str:
    return f"/admin/vendors/vendor/{vendor.pk}/exceptions/{rest}"


def given(**changed: str) -> dict[str, str]:
    values = {
        "what": "de|pl|translation",
        "specialism": "",
        "until": f"{in_days(40):%d.%m.%Y}",
        "reason": "The only one for this pair.",
    }
    return {f"exception-{name}": value for name, value in (values | changed).items()}


def test_it_is_granted_and_withdrawn_with_reasons(lucja, as_vera, vera):
    done = as_vera.post(url(lucja), given(), follow=True)

    assert "The only one for this pair." in done.text
    row = IsoException.objects.get()
    assert (row.granted_by, row.until, row.withdrawn_at) == (vera, in_days(40), None)
    vendors_page = as_vera.get(f"/admin/vendors/vendor/{lucja.pk}/change/").text
    assert "It is not a qualification." in vendors_page
    assert "The only one for this pair." in vendors_page
    assert "exception-" not in signed_in(lucja.user).get("/profile/").text

    refused = as_vera.post(url(lucja, f"{row.pk}/withdraw/"), {f"withdraw-{row.pk}-why": " "})
    assert refused.status_code == 200
    as_vera.post(url(lucja, f"{row.pk}/withdraw/"), {f"withdraw-{row.pk}-why": "Another one was found."})

    row.refresh_from_db()
    assert (row.withdrawn_by, row.withdrawn_why) == (vera, "Another one was found.")
    assert events(lucja)[-2:] == ["exception_granted", "exception_withdrawn"]
    assert not lucja.standings.filter(exception=True).exists()
    assert "Another one was found." in as_vera.get(url(lucja)).text
    again = as_vera.post(url(lucja, f"{row.pk}/withdraw/"), {f"withdraw-{row.pk}-why": "Again."}, follow=True)
    assert "This exception has already been withdrawn." in again.text


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"what": ""}, "Choose the pair and the service."),
        ({"what": "pl|de|translation"}, "Choose one from the list."),
        ({"reason": " "}, "Give a reason."),
        ({"until": ""}, "Enter the last day of the exception."),
        ({"until": "soon"}, "soon"),
        ({"until": f"{in_days(0):%d.%m.%Y}"}, "Choose a day in the future"),
    ],
)
def test_what_is_refused_is_explained_and_nothing_typed_is_lost(lucja, as_vera, changed, said):
    refused = as_vera.post(url(lucja), given(reason=changed.pop("reason", "Kept."), **changed))

    assert refused.status_code == 200
    assert said in refused.text
    assert "Kept." in refused.text or "Give a reason." in said
    assert not IsoException.objects.exists()


def test_only_one_is_in_force_for_the_same(lucja, as_vera, vera):
    as_vera.post(url(lucja), given())

    refused = as_vera.post(url(lucja), given(specialism="legal"))

    assert "There is already an exception for this until" in refused.text
    assert IsoException.objects.count() == 1


def test_there_is_none_from_nothing(lucja, vera):
    profile(lucja, pairs=[offers("interpreting")])

    for service in ("interpreting", "translation"):
        with pytest.raises(exceptions.NotOffered):
            exceptions.grant(
                lucja, source="de", target="pl", service=service, reason="Why not.", until=in_days(1), by=vera
            )


@pytest.mark.parametrize("role", list(roles.PERMISSIONS))
def test_permission_decides_who_grants(lucja, role):
    may_grant = role in (roles.VENDOR_MANAGER, roles.ADMINISTRATOR)
    colleague = signed_in(create_staff(role=role))

    assert colleague.get(url(lucja)).status_code == (403 if role == roles.PROJECT_MANAGER else 200)
    assert ("exception-reason" in colleague.get(url(lucja)).text) == may_grant
    assert colleague.post(url(lucja), given()).status_code == (302 if may_grant else 403)
    assert IsoException.objects.exists() == may_grant
