"""From an account that was approved to one that we pay to."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core import mail
from django.core.checks import run_checks
from django.db import IntegrityError, ProgrammingError, transaction
from django.utils import timezone

from identity import roles
from onboarding.change import decide as review
from tests.clients import signed_in
from tests.factories import create_email_change, create_staff, create_vendor
from tests.onboarding import changing
from tests.records import events, jobs
from tests.vendors.payment import releasing
from tests.vendors.payment.releasing import OTHER, PHONE, browser, page, press
from tests.vendors.profiles import IBAN, approved
from vendors import lifecycle, tasks
from vendors.models import PaymentDetails, PaymentDispute, PaymentRelease, Vendor, VendorState
from vendors.payment import disputes, notice_recipients, releases
from vendors.profile import approved_profile

pytestmark = pytest.mark.django_db

NOW_IN_FORCE = "vendors.tasks.mail_payment_decided"


def in_force(vendor: Vendor) -> str:
    return PaymentDetails.objects.get(vendor=vendor).details["iban"]


def call(**changed: str) -> dict[str, str]:
    now = timezone.now()
    typed = {"number": PHONE, "person": "Łucja Nowak", "day": f"{now:%-d %B %Y}", "time": f"{now:%H:%M}"}
    return {f"call-{name}": value for name, value in (typed | changed).items()}


def state(release: PaymentRelease) -> str:
    return PaymentRelease.objects.get(pk=release.pk).state


# One approves, another one releases


@pytest.fixture
def vendor() -> Vendor:
    return create_vendor(state=VendorState.ONBOARDING, primary_email="lucja@example.com")


def test_one_approves_calls_and_another_one_releases(vendor):
    changing.approved_first(vendor)
    releasing.age_the_history(vendor, dt.timedelta(days=100))
    as_vendor, as_vera, as_finn = signed_in(vendor.user), browser(roles.VENDOR_MANAGER), browser(roles.FINANCE)
    changing.name_account(as_vendor)
    changing.save(as_vendor, "contact", changing.answers.CONTACT | {"locality": "Gdynia"})
    changing.send(as_vendor)
    change = changing.latest()
    approve = f"/admin/onboarding/submission/{change.pk}/approve/"
    assert 'id="account-waits"' in as_vera.get(approve).text

    as_vera.post(approve)

    assert (vendor.profile.__class__.objects.get().locality, in_force(vendor)) == ("Gdynia", IBAN["iban"])
    release = PaymentRelease.objects.get()
    shown = as_vendor.get("/profile/").text
    assert shown.index("IBAN PL… 2874") < shown.index('id="waiting-payment"') < shown.index("IBAN DE… 3000")
    assert "we pay into the account above" in shown
    assert page(release) in as_vera.get("/admin/").text
    assert page(release) in as_vera.get(f"/admin/vendors/vendor/{vendor.pk}/change/").text
    read = as_vera.get(page(release)).text
    for word in ("IBAN PL… 2874", "Poland", "IBAN DE… 3000", "Germany", "Łucja Nowak"):
        assert word in read
    assert OTHER["iban"] not in read
    number = vendor.profile.__class__.objects.get().phone
    assert "The call has been recorded." in press(as_vera, release, "call", **call(number=number))
    assert "You approved this change" in press(as_vera, release, "release")
    assert in_force(vendor) == IBAN["iban"]

    assert "Released" in press(as_finn, release, "release")

    assert in_force(vendor) == OTHER["iban"]
    assert 'id="waiting-payment"' not in as_vendor.get("/profile/").text
    assert [kind for kind in events(vendor) if kind.startswith("payment_")] == [
        "payment_to_release",
        "payment_called",
        "payment_released",
    ]
    release.refresh_from_db()
    assert OTHER["iban"] not in str(release.after), "what is in force is kept once"
    assert "IBAN DE… 3000" in as_finn.get(page(release)).text


def test_next_change_rests_on_what_is_in_force_and_not_on_what_waits(vendor):
    changing.approved_first(vendor, payment=changing.answers.PAYMENT | {"method": "later"})
    releases.add_first(vendor, OTHER)
    as_vendor = signed_in(vendor.user)
    changing.save(as_vendor, "contact", changing.answers.CONTACT | {"locality": "Gdynia"})
    changing.send(as_vendor)

    review.approve(changing.latest(), by=None)

    assert not PaymentDetails.objects.exists()
    assert PaymentRelease.objects.get().is_pending


# Calls and waits


@pytest.mark.parametrize(("days", "may"), [(6.9, False), (7.1, True)])
def test_without_a_call_it_is_released_seven_days_after_approval(days, may):
    release = releasing.waiting(by=create_staff(), days=days)
    client = browser(roles.FINANCE)
    assert ('id="obstacle"' in client.get(page(release)).text) == (not may)

    said = press(client, release, "release")

    assert ("No call has been recorded" in said) == (not may)
    assert state(release) == ("released" if may else "pending")


def test_after_a_call_it_is_released_at_once():
    release = releasing.called(releasing.waiting(by=create_staff()))

    press(browser(roles.VENDOR_MANAGER), release, "release")

    assert state(release) == "released"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"number": "+4930123456"}, "on file for 30 days"),
        ({"number": ""}, "Choose the number you called."),
        ({"person": ""}, "Enter the name of the person you spoke to."),
        ({"day": "31 February"}, "31 February"),
        ({"day": ""}, "Enter the date of the call."),
        ({"day": "1 May 2020"}, "must have taken place after the vendor gave us the account"),
        ({"day": "1 May 2090"}, "cannot be in the future"),
        ({"time": "noon"}, "hours and minutes"),
        ({"time": ""}, "Enter the time of the call."),
    ],
)
def test_call_that_proves_nothing_is_refused_and_stays_typed(changed, said):
    release = releasing.waiting()

    shown = press(browser(roles.FINANCE), release, "call", **call(**changed))

    assert said in shown
    kept = {"person": "Łucja Nowak", "day": f"{timezone.now():%-d %B %Y}"} | changed
    assert f'value="{kept["person"]}"' in shown or not kept["person"]
    release.refresh_from_db()
    assert release.called_at is None


def test_number_that_came_with_the_account_is_not_offered_but_the_one_before_it_is():
    vendor = releasing.known_for_long(payment=IBAN)
    approved_profile.adopt(vendor, approved(phone="+4930123456"))
    release = releasing.waiting(vendor)

    shown = browser(roles.FINANCE).get(page(release)).text

    assert PHONE in shown
    assert "+4930123456" not in shown


@pytest.mark.parametrize(("days", "is_offered"), [(29, False), (31, True)])
def test_number_is_offered_after_thirty_days_on_file(days, is_offered):
    vendor = releasing.approved_vendor(payment=IBAN)
    releasing.age_the_history(vendor, dt.timedelta(days=days))
    release = releasing.waiting(vendor)

    shown = browser(roles.FINANCE).get(page(release)).text

    assert (PHONE in shown) == is_offered
    assert ("No number was on file" in shown) != is_offered


# Who may, and what stands in the way


def test_database_itself_refuses_that_the_approver_releases():
    vera = create_staff()
    release = releasing.waiting(by=vera)

    with pytest.raises(IntegrityError, match="payment_released_by_a_second_person"), transaction.atomic():
        PaymentRelease.objects.update(state="released", decided_at=timezone.now(), decided_by=vera)
    with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
        PaymentRelease.objects.update(approved_by=None)
    press(browser(roles.FINANCE), releasing.called(release), "release")
    with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
        PaymentRelease.objects.update(decided_by=vera)


def test_database_itself_refuses_a_second_pending_one():
    release = releasing.waiting()

    with pytest.raises(IntegrityError, match="one_pending_payment_release"), transaction.atomic():
        PaymentRelease.objects.create(
            vendor=release.vendor, about="change-2", after=OTHER, named_at=timezone.now(), approved_at=timezone.now()
        )


def test_newer_approved_account_supersedes_the_one_that_waits():
    first = releasing.waiting()
    PaymentDispute.objects.create(vendor=first.vendor, about=first.about, address="lucja@example.com")

    second = releasing.waiting(first.vendor)

    assert (state(first), state(second)) == ("superseded", "pending")
    assert PaymentDispute.objects.filter(about=first.about, outcome="not_adopted").exists()
    assert "no longer waiting" in press(browser(roles.FINANCE), first, "release")
    assert "no longer waiting" in press(browser(roles.FINANCE), first, "refuse", **{"refuse-reason": "No."})
    assert "no longer waiting" in press(browser(roles.FINANCE), first, "call", **call())
    assert "payment_superseded" in events(first.vendor)


def test_dispute_holds_it():
    release = releasing.called(releasing.waiting())
    disputes.raise_(PaymentDispute(vendor=release.vendor, about=release.about, address="lucja@example.com"))

    assert "did not give us this account" in press(browser(roles.FINANCE), release, "release")

    assert state(release) == "pending"


@pytest.mark.parametrize("out", [lifecycle.suspend, lifecycle.end, lifecycle.erase])
def test_it_waits_while_the_vendor_is_out(out):
    release = releasing.called(releasing.waiting())
    out(Vendor.objects.get(pk=release.vendor_id), reason="Trouble")

    assert "You cannot do this now" in press(browser(roles.FINANCE), release, "release")

    assert state(release) == "pending"


def test_refused_account_is_never_used_and_the_vendor_is_told_why():
    vera = create_staff()
    release = releasing.waiting(by=vera)
    as_vera = signed_in(vera)
    assert "Say why you are refusing the account." in press(as_vera, release, "refuse")

    assert "Refused." in press(as_vera, release, "refuse", **{"refuse-reason": "She did not name it."})

    assert in_force(release.vendor) == IBAN["iban"]
    tasks.mail_payment_decided(**jobs(NOW_IN_FORCE)[0])
    [message] = mail.outbox
    assert "She did not name it." in message.body
    assert "can't use the new account" in message.subject


@pytest.mark.parametrize("role", [roles.OPERATIONS, roles.AUDITOR])
def test_others_neither_see_nor_decide(role):
    release = releasing.called(releasing.waiting())
    client = browser(role)

    assert client.get(page(release)).status_code == 403
    for step in ("call", "release", "refuse"):
        assert client.post(page(release, step)).status_code == 403
    assert state(release) == "pending"


@pytest.mark.django_db(transaction=True)
def test_two_at_the_same_moment_do_not_decide_both():
    release, finn, fiona = releasing.called(releasing.waiting()), *(create_staff() for _ in range(2))

    results = changing.at_once(
        lambda: releases.release(release, by=finn),
        lambda: releases.refuse(release, by=fiona, reason="She did not name it."),
    )

    assert sorted(type(result).__name__ for result in results) == ["NoneType", "NotPending"]
    decided = {"released": OTHER["iban"], "refused": IBAN["iban"]}
    assert in_force(release.vendor) == decided[state(release)]


# Teams of one


@pytest.mark.parametrize(
    ("setting", "is_called", "days", "is_released"),
    [
        ("three_days", True, 2.9, False),
        ("three_days", True, 3.1, True),
        ("three_days", False, 3.1, False),
        ("three_days", False, 7.1, True),
        ("second_person", True, 30, False),
    ],
)
def test_worker_releases_after_the_longer_wait(settings, setting, is_called, days, is_released):
    settings.PAYMENT_RELEASE = setting
    release = releasing.waiting(by=create_staff(), days=days)
    if is_called:
        releasing.called(release)

    tasks.release_payments(0)

    assert state(release) == ("released" if is_released else "pending")
    assert PaymentRelease.objects.get().decided_by is None
    if is_released:
        assert release.vendor.events.get(kind="payment_released").via == "vendors.tasks.release_payments"


def test_worker_leaves_what_is_disputed_or_of_someone_suspended(settings):
    settings.PAYMENT_RELEASE = "three_days"
    release = releasing.waiting(days=30)
    disputes.raise_(PaymentDispute(vendor=release.vendor, about=release.about, address="lucja@example.com"))
    tasks.release_payments(0)
    assert state(release) == "pending"

    disputes.uphold(release.vendor, reason="Called her.")
    lifecycle.suspend(Vendor.objects.get(pk=release.vendor_id))
    tasks.release_payments(0)

    assert state(release) == "pending"


@pytest.mark.parametrize(("setting", "complaints"), [("second_person", 0), ("three_days", 0), ("nobody", 1)])
def test_wrong_setting_is_found(settings, setting, complaints):
    settings.PAYMENT_RELEASE = setting

    assert len([found for found in run_checks() if found.id == "passport.E018"]) == complaints


# Who is told


def test_every_address_of_the_last_90_days_is_told_once_and_reads_no_details():
    vendor = releasing.known_for_long(payment=IBAN, contact_email="old-jobs@mail.example")
    now = {"contact_email": "jobs@mail.example", "billing_email": "LUCJA@example.com"}
    approved_profile.adopt(vendor, approved(**now))
    create_email_change(vendor=vendor, old="before@mail.example", state="confirmed")
    release = releasing.called(releasing.waiting(vendor))

    press(browser(roles.FINANCE), release, "release")
    for job in jobs(NOW_IN_FORCE):
        tasks.mail_payment_decided(**job)

    told = [address for message in mail.outbox for address in message.to]
    assert sorted(told) == ["before@mail.example", "jobs@mail.example", "lucja@example.com", "old-jobs@mail.example"]
    for message in mail.outbox:
        assert message.subject == "Sandberg: we now pay into a new account"
        for secret in ("3000", "2874", "IBAN", "Nowak"):
            assert secret not in message.body
    [to_jobs] = [message for message in mail.outbox if message.to == ["jobs@mail.example"]]
    assert "job offers or emails about invoices" in to_jobs.body


@pytest.mark.parametrize(("days", "is_told"), [(89, True), (91, False)])
def test_address_that_was_replaced_longer_ago_is_not_told(days, is_told):
    vendor = releasing.known_for_long(contact_email="old-jobs@mail.example")
    approved_profile.adopt(vendor, approved(contact_email="jobs@mail.example"))
    releasing.age_the_history(vendor, dt.timedelta(days=days))

    assert ("old-jobs@mail.example" in notice_recipients.of(vendor).values()) == is_told


def test_this_was_not_me_names_the_address_it_was_read_at(client):
    vendor = releasing.known_for_long(payment=IBAN, billing_email="invoices@mail.example")
    release = releasing.waiting(vendor)
    [source] = [name for name, address in notice_recipients.of(vendor).items() if address == "invoices@mail.example"]
    path = disputes.link(vendor, about=release.about, source=source).removeprefix("http://127.0.0.1:8000")

    client.post(path)
    client.post(path, {"sure": "yes"})

    assert PaymentDispute.objects.get().address == "invoices@mail.example"
