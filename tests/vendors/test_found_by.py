"""The words by which a vendor is found are on every row about it, whoever writes what."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from identity.models import EntraAccount, Failure, Invitation, SignInAttempt
from onboarding.models import Submission
from tests.factories import (
    create_account,
    create_attempt,
    create_email_change,
    create_failure,
    create_invitation,
    create_staff,
    create_submission,
    create_vendor,
)
from tests.vendors.profiles import approved
from vendors.answers import search_words
from vendors.models import Document, EmailChange, EmailChangeRequest, Vendor, VendorState
from vendors.profile import approved_profile

pytestmark = pytest.mark.django_db

ABOUT_A_VENDOR = [Submission, Document, EmailChangeRequest]
ABOUT_ITS_USER = [Failure, Invitation, EntraAccount, SignInAttempt]


def rows_about(vendor):
    user = vendor.user
    account = create_account(user=user, address=vendor.primary_email)
    create_invitation(user=user, address=vendor.primary_email, account=account, state=Invitation.State.ACCEPTED)
    create_failure(user=user, address=vendor.primary_email)
    create_attempt(user=user)
    create_submission(vendor=vendor, state=Submission.State.APPROVED)
    Document.objects.create(vendor=vendor, kind="cv", slot="cv", name="cv.pdf", size=1)
    EmailChangeRequest.objects.create(vendor=vendor, new="next@mail.example", proven_at=vendor.created_at)


def all_rows(vendor):
    """Of each table."""
    return [
        *(model.objects.filter(vendor=vendor) for model in ABOUT_A_VENDOR),
        *(model.objects.filter(user=vendor.user) for model in ABOUT_ITS_USER),
    ]


def words_on_rows(vendor):
    return {rows.model.__name__: [sorted(row.found_by) for row in rows] for rows in all_rows(vendor)}


def of(name, profile=""):
    kept = set(search_words.to_keep([name]))
    marked = kept | set(search_words.to_keep([profile] if profile else []))
    return sorted(kept | {f"{search_words.OF_PROFILE}{word}" for word in marked})


def test_rows_about_a_vendor_carry_its_words_whatever_changes_them():
    vendor = create_vendor(name="Ana Costa", state=VendorState.APPROVED)
    create_vendor(name="Somebody Else", state=VendorState.APPROVED)
    rows_about(vendor)

    def all_say(expected):
        for model, found in words_on_rows(vendor).items():
            assert found, model
            assert found == [expected] * len(found), model

    all_say(of("Ana Costa"))

    vendor.name = "Zoë Costa"
    vendor.save(update_fields=["name"])
    all_say(of("Zoë Costa"))

    approved_profile.adopt(vendor, approved(full_name="Łucja Nowak", display_name="", company_legal_name=""))
    read_before = [row for rows in all_rows(vendor) for row in rows]
    Vendor.objects.filter(pk=vendor.pk).update(name="Zoë O’Neill")
    all_say(of("Zoë O’Neill", "Łucja Nowak"))

    for row in read_before:
        row.save()
    all_say(of("Zoë O’Neill", "Łucja Nowak"))

    vendor.profile.delete()
    Vendor.objects.filter(pk=vendor.pk).update(name="")
    all_say([])


def test_case_of_a_stranger_carries_no_words_until_it_is_known_whose_it_is():
    vendor = create_vendor(name="Ana Costa")
    case = create_failure(address="ana@mail.example")
    assert Failure.objects.get().found_by == []

    case.user = vendor.user
    case.save()
    assert sorted(Failure.objects.get().found_by) == of("Ana Costa")

    Failure.objects.update(user=None)
    assert Failure.objects.get().found_by == []


def test_vendor_says_whether_an_email_change_is_open():
    vendor = create_vendor(state=VendorState.APPROVED)

    def is_open():
        return Vendor.objects.get(pk=vendor.pk).has_open_email_change

    assert not is_open()
    change = create_email_change(vendor=vendor)
    assert is_open()
    vendor.save()  # as it was read before
    assert is_open()
    EmailChange.objects.update(state=EmailChange.State.CONFIRMED)
    assert not is_open()
    EmailChange.objects.update(state=EmailChange.State.OPEN)
    assert is_open()
    change.delete()
    assert not is_open()


def test_person_is_locked_before_the_name_that_is_copied_to_their_accounts(client):
    """As a sign-in does, so that the two wait for each other and never both ways round."""
    vendor = create_vendor(name="Ana Costa")
    client.force_login(create_staff())
    page = f"/admin/vendors/vendor/{vendor.pk}/change/"
    fields = {"name": "Ana Santos", "language": vendor.language, "owner": "", "notes": ""}

    with CaptureQueriesContext(connection) as captured:
        client.post(page, fields)

    told = [query["sql"] for query in captured]
    locked = next(at for at, sql in enumerate(told) if "FOR NO KEY UPDATE" in sql and 'FROM "identity_user"' in sql)
    written = next(at for at, sql in enumerate(told) if 'UPDATE "vendors_vendor" SET' in sql)
    assert locked < written
