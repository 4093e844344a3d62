"""New versions of agreements without a deployment: drafted, previewed, published from a date, then fixed for ever."""

import datetime as dt

import pytest
from django.db import connection
from django.db.utils import ProgrammingError
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from identity.roles import AUDITOR
from tests.clients import signed_in
from tests.factories import create_acceptances, create_staff, create_vendor
from tests.vendors.profiles import approved
from vendors.agreements import acceptances
from vendors.agreements import texts as agreements
from vendors.models import AgreementVersion, Vendor, VendorState
from vendors.profile import approved_profile

pytestmark = pytest.mark.django_db

PAGE = "/admin/vendors/agreementversion/"
BODY = "Invoices are paid within 14 days."
TODAY = timezone.now().date()
DAY = dt.timedelta(days=1)


def an_approved_vendor() -> Vendor:
    """Who has accepted everything that is in force."""
    vendor = create_vendor(state=VendorState.APPROVED)
    approved_profile.adopt(vendor, approved())
    return vendor


def draft(client) -> AgreementVersion:
    client.post(f"{PAGE}start/cooperation/")
    return AgreementVersion.objects.get(state="draft")


def write(client, row, *, button="_save", seen=1, **typed):
    fields = {"audience": "", "body": BODY, "changed": "We pay sooner.", "grace_days": "10"}
    return client.post(f"{PAGE}draft/{row.pk}/", fields | typed | {"seen": str(seen), button: "1"}, follow=True)


def publish(client, row, *, days: int = 0, seen=2):
    since = (TODAY + days * DAY).strftime("%d %B %Y")
    return client.post(f"{PAGE}publish/{row.pk}/", {"since": since, "seen": str(seen)}, follow=True)


def published(client, *, days: int = 0, **typed) -> AgreementVersion:
    row = draft(client)
    write(client, row, **typed)
    publish(client, row, days=days)
    row.refresh_from_db()
    assert row.state == "published"
    return row


def asked(vendor, *, in_days: int = 0) -> list[str]:
    now = timezone.now() + in_days * DAY
    return [each.agreement.version for each in acceptances.outstanding(vendor, now=now)]


def test_draft_starts_with_the_latest_text_and_asks_no_one(as_vera):
    vendor = an_approved_vendor()
    row = draft(as_vera)
    write(as_vera, row)

    row.refresh_from_db()
    assert row.version == "2.0"
    assert row.text == f"Terms of cooperation\n\n{BODY}\n"
    assert asked(vendor) == []


def test_published_version_is_asked_for_from_its_day_on(as_vera):
    vendor = an_approved_vendor()
    published(as_vera, days=3)

    assert asked(vendor) == []
    assert asked(vendor, in_days=3) == ["2.0"]
    [outstanding] = acceptances.outstanding(vendor, now=timezone.now() + 12 * DAY)
    assert not outstanding.is_required
    assert [each.changed for each in outstanding.news] == ["We pay sooner."]
    [outstanding] = acceptances.outstanding(vendor, now=timezone.now() + 13 * DAY)
    assert outstanding.is_required


def test_vendor_accepts_it_and_finds_it_again(as_vera):
    vendor = an_approved_vendor()
    published(as_vera)
    client = signed_in(vendor.user)
    [outstanding] = acceptances.outstanding(vendor)
    sha256 = outstanding.agreement.sha256

    assert BODY in client.get("/agreements/").text
    client.post("/agreements/", {"cooperation": "on", "cooperation-text": sha256})

    assert asked(vendor) == []
    assert BODY in client.get(f"/agreements/{sha256}/").text


@pytest.mark.parametrize("audience", ["", "freelancer", "company"])
def test_only_whom_it_is_for_is_asked(as_vera, audience):
    vendor = an_approved_vendor()
    published(as_vera, audience=audience)

    assert asked(vendor) == ([] if audience == "company" else ["2.0"])


def test_published_version_never_changes(as_vera):
    row = published(as_vera)

    with pytest.raises(ProgrammingError):
        AgreementVersion.objects.filter(pk=row.pk).update(text="Another")


def test_published_version_is_never_deleted(as_vera):
    row = published(as_vera)

    with pytest.raises(ProgrammingError):
        row.delete()


def test_published_version_has_no_draft_page(as_vera):
    row = published(as_vera)

    assert as_vera.get(f"{PAGE}draft/{row.pk}/").status_code == 404
    assert as_vera.get(f"{PAGE}publish/{row.pk}/").status_code == 404


def test_preview_saves_nothing(as_vera):
    row = draft(as_vera)
    page = write(as_vera, row, button="_preview").text

    assert BODY in page.partition('id="preview"')[2].partition("</section>")[0]
    row.refresh_from_db()
    assert row.revision == 1


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("body", "", "Enter the text."),
        ("changed", "", "Say what has changed, in a few words."),
        ("grace_days", "0", "Enter 1 day or more."),
        ("grace_days", "a week", "Enter a number of days, like 30."),
    ],
)
def test_what_is_missing_is_named_and_nothing_typed_is_lost(as_vera, field, typed, sentence):
    page = write(as_vera, draft(as_vera), **{field: typed}).text

    assert sentence in page
    assert (BODY if field != "body" else "We pay sooner.") in page


def test_day_that_has_passed_is_refused(as_vera):
    row = draft(as_vera)
    write(as_vera, row)

    assert "a version cannot come into force before today" in publish(as_vera, row, days=-1).text
    assert AgreementVersion.objects.get().state == "draft"


def test_day_before_an_earlier_version_is_refused(as_vera):
    published(as_vera, days=9)
    row = draft(as_vera)
    write(as_vera, row, body="Another text.")

    assert "or before an earlier version" in publish(as_vera, row, days=8).text
    assert "Published." in publish(as_vera, row, days=9).text


def test_text_that_is_published_already_is_refused(as_vera):
    row = draft(as_vera)
    write(as_vera, row, body=agreements.of_row(row).body)

    assert "The text is the same as in version 1.0." in publish(as_vera, row).text


def test_one_draft_of_each_agreement(as_vera):
    draft(as_vera)

    assert "There is already a draft of this agreement." in as_vera.post(f"{PAGE}start/cooperation/", follow=True).text
    assert as_vera.post(f"{PAGE}start/nothing/").status_code == 404


def test_colleague_who_saved_meanwhile_is_not_overwritten(as_vera):
    row = draft(as_vera)
    write(as_vera, row)

    page = write(as_vera, row, body="Mine.").text
    assert "A colleague has changed or published this draft" in page
    assert "Mine." in page
    assert "A colleague has changed or published this draft" in publish(as_vera, row, seen=1).text
    row.refresh_from_db()
    assert BODY in row.text


def test_draft_is_discarded_only_as_it_was_seen(as_vera):
    row = draft(as_vera)
    write(as_vera, row)

    write(as_vera, row, button="_discard", seen=1)
    assert AgreementVersion.objects.exists()
    assert "The draft has been discarded." in write(as_vera, row, button="_discard", seen=2).text
    assert not AgreementVersion.objects.exists()


def test_list_says_who_has_not_accepted(as_vera):
    vendor, other = an_approved_vendor(), an_approved_vendor()
    create_vendor(state=VendorState.ONBOARDING, name="Asked by the wizard")
    row = published(as_vera)
    text = agreements.of_row(row)
    create_acceptances(vendor=other, texts=[text])

    page = as_vera.get(f"{PAGE}waiting/{text.sha256}/").text.partition('id="not-accepted"')[2]

    assert f"/admin/vendors/vendor/{vendor.pk}/change/" in page
    assert f"/admin/vendors/vendor/{other.pk}/change/" not in page
    assert "Asked by the wizard" not in page


def test_list_of_who_has_not_accepted_costs_the_same(as_vera):
    text = next(each for each in agreements.current() if each.document == "cooperation")

    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert as_vera.get(f"{PAGE}waiting/{text.sha256}/").status_code == 200
        return len(captured)

    an_approved_vendor()
    first = statements()
    for _number in range(5):
        an_approved_vendor()

    assert statements() == first


def test_auditor_writes_no_agreements():
    client = signed_in(create_staff(role=AUDITOR))

    assert client.get(PAGE).status_code == 403
    assert client.post(f"{PAGE}start/cooperation/").status_code == 403
