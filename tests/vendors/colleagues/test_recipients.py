"""One email about a vendor: to the owner or their cover, the shared mailbox in copy."""

import datetime as dt

import pytest
from django.conf import settings
from django.core import mail
from django.utils import timezone

from identity.failures import bounces, cases, mail_to_vm
from identity.roles import AUDITOR
from onboarding.review.mail import mail_vm
from tests.factories import create_staff, create_submission, create_vendor
from vendors.colleagues import absences, recipients
from vendors.email_change.requests import mail_to_vm as mail_request
from vendors.models import EmailChangeRequest, VendorState

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
TODAY = timezone.localdate()
OTTO, VERA, PIA = "otto@sandberg.example", "vera@sandberg.example", "pia@sandberg.example"


@pytest.fixture
def otto():
    return create_staff(email=OTTO)


@pytest.fixture
def vendor(otto):
    return create_vendor(state=VendorState.SUBMITTED, owner=otto)


def away(colleague, cover, *, first: int = 0, last: int = 3) -> None:
    days = {"starts_on": TODAY + first * DAY, "ends_on": TODAY + last * DAY}
    absences.add(colleague, **days, cover=cover, by=colleague)


def addressed() -> tuple[list[str], list[str]]:
    [message] = mail.outbox
    return message.to, message.cc


def test_case_goes_to_the_owner_with_the_shared_mailbox_in_copy(vendor, django_capture_on_commit_callbacks):
    case = cases.report(stage="sign_in", reason="declined", user=vendor.user)

    mail_to_vm.tell(case.pk)

    assert addressed() == ([OTTO], settings.VM_EMAIL)


def test_so_do_a_submission_and_a_request(vendor):
    mail_vm(vendor.submissions.get().pk)
    request = EmailChangeRequest.objects.create(vendor=vendor, new="new@mail.example", proven_at=timezone.now())
    mail_request(request.pk)

    assert [(message.to, message.cc) for message in mail.outbox] == [([OTTO], settings.VM_EMAIL)] * 2


def test_without_an_owner_only_the_shared_mailbox():
    mail_vm(create_submission(vendor=create_vendor(state=VendorState.ONBOARDING)).pk)

    assert addressed() == (settings.VM_EMAIL, [])


def test_case_of_operations_does_not_go_to_the_owner(vendor):
    case = cases.report(stage="sign_in", reason="secret_expired", user=vendor.user)
    assert case is not None

    mail_to_vm.tell(case.pk)

    assert OTTO not in [*mail.outbox[0].to, *mail.outbox[0].cc]


def test_cover_gets_it_instead(vendor, otto):
    away(otto, create_staff(email=VERA))

    assert recipients.of(vendor) == ([VERA], settings.VM_EMAIL)


def test_cover_of_the_cover(vendor, otto):
    vera = create_staff(email=VERA)
    away(otto, vera)
    away(vera, create_staff(email=PIA))

    assert recipients.of(vendor).to == [PIA]


def test_two_who_cover_for_each_other_are_both_away(vendor, otto):
    vera = create_staff(email=VERA)
    away(otto, vera)
    away(vera, otto)

    assert recipients.of(vendor) == (settings.VM_EMAIL, [])


@pytest.mark.parametrize(("first", "last"), [(1, 3), (-3, -1)])
def test_before_and_after_an_absence_it_is_the_owner(vendor, otto, first, last):
    away(otto, create_staff(email=VERA), first=first, last=last)

    assert recipients.of(vendor).to == [OTTO]


def without_address(otto):
    otto.email = "not an address"


def switched_off(otto):
    otto.is_active = False


def without_role(otto):
    otto.roles = []


def with_another_role(otto):
    otto.roles = [AUDITOR]


def with_refusing_mailbox(otto):
    bounces.report_staff(OTTO.upper(), said="The mailbox does not exist.")


@pytest.mark.parametrize(
    "happens", [without_address, switched_off, without_role, with_another_role, with_refusing_mailbox]
)
def test_owner_who_cannot_be_told_is_replaced_by_the_shared_mailbox(vendor, otto, happens):
    happens(otto)
    otto.save()

    assert recipients.of(vendor) == (settings.VM_EMAIL, [])


def test_owner_whose_mailbox_is_the_shared_one_gets_one_email(vendor, otto, settings):
    settings.VM_EMAIL = [OTTO.upper()]

    assert recipients.of(vendor) == ([OTTO], [])
