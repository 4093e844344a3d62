"""Each text says whom it is for; for a company somebody accepts who may sign for it."""

import pytest
from django.core import mail

from tests.clients import signed_in
from tests.factories import create_staff, create_vendor
from tests.vendors.profiles import approved, approved_vendor
from vendors import lifecycle, tasks
from vendors.agreements import acceptances
from vendors.agreements import texts as agreements
from vendors.models import Acceptance, Vendor, VendorState
from vendors.privacy import erasure
from vendors.profile import approved_profile

pytestmark = pytest.mark.django_db

SIGNATORY = {"signatory": "Ewa Zielińska", "position": "Prezes zarządu", "may_sign": "on"}


def form(text, **fields):
    return {"next": "/profile/", text.document: "on", f"{text.document}-text": text.sha256} | fields


def agency():
    vendor = create_vendor(state=VendorState.ONBOARDING)
    texts = agreements.current(audience=agreements.COMPANY)
    acceptances.accept(vendor, texts, account=None, signatory=acceptances.Signatory("Ewa Zielińska", "Prezes"))
    Vendor.objects.filter(pk=vendor.pk).update(state=VendorState.APPROVED)
    vendor.refresh_from_db()
    approved_profile.adopt(vendor, approved(kind="company", company_legal_name="Słowo", qualification=None))
    return vendor


def versions(audience):
    return {text.document: text.version for text in agreements.current(audience=audience)}


def test_published_texts_name_their_audience(settings):
    for path in settings.AGREEMENTS.rglob("*.toml"):
        assert "audience" in path.read_text(encoding="utf-8"), path
    assert all(text.audience for text in agreements.published())


def test_version_for_one_audience_is_not_asked_of_the_other(publish):
    freelancer = approved_vendor()
    publish("2.0", audience="company")
    later = publish("2.1", audience="freelancer")

    assert versions("freelancer")["cooperation"] == "2.1"
    assert versions("company")["cooperation"] == "2.0"
    assert [each.agreement for each in acceptances.outstanding(freelancer)] == [later]
    # What is new is told without the version that was never for them.
    assert acceptances.outstanding(freelancer)[0].news == [later]


def test_company_accepts_through_somebody_who_may_sign(publish):
    vendor = agency()
    text = publish("2.0", audience="company")
    client = signed_in(vendor.user)

    for missing in SIGNATORY:
        refused = client.post("/agreements/", form(text, **{**SIGNATORY, missing: ""}))
        assert set(refused.context["form"].errors) == {missing}
    assert client.post("/agreements/", form(text, **SIGNATORY)).url == "/profile/"

    row = Acceptance.objects.get(vendor=vendor, version="2.0")
    assert (row.audience, row.signatory, row.position, row.may_sign) == (
        "company",
        "Ewa Zielińska",
        "Prezes zarządu",
        True,
    )
    tasks.mail_acceptances(vendor_id=vendor.pk, acceptance_ids=[row.pk])
    assert "Ewa Zielińska, Prezes zarządu" in mail.outbox[-1].body
    assert "Prezes zarządu" in client.get(f"/agreements/{text.sha256}/").text
    page = signed_in(create_staff()).get(f"/admin/vendors/vendor/{vendor.pk}/change/").text
    assert "Prezes zarządu" in page


def test_freelancer_is_not_asked_who_signs(publish):
    vendor = approved_vendor()
    text = publish("2.0")

    page = signed_in(vendor.user).get("/agreements/")
    assert not {"signatory", "position", "may_sign"} & set(page.context["form"].fields)
    signed_in(vendor.user).post("/agreements/", form(text))
    row = Acceptance.objects.get(vendor=vendor, version="2.0")
    assert (row.audience, row.signatory, row.may_sign) == ("freelancer", "", False)


def test_erasing_takes_the_signatory_and_leaves_that_it_was_accepted():
    vendor = agency()

    lifecycle.erase(vendor, reason="asked", via="test")
    erasure.finish(vendor)

    rows = list(Acceptance.objects.filter(vendor=vendor))
    assert len(rows) == 3
    assert {(row.signatory, row.position, row.audience, row.may_sign) for row in rows} == {("", "", "company", True)}
