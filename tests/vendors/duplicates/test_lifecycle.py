"""Possible duplicates: what they are found by, ruled out once, and settled by closing one of the two."""

import threading

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.db import IntegrityError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from identity import accounts
from identity.models import EntraAccount, Invitation
from tests.factories import create_account, create_email_change, create_staff, create_vendor
from tests.onboarding import changing
from tests.records import events, jobs, live_addresses
from tests.vendors.profiles import IBAN, approved
from vendors import lifecycle, tasks
from vendors.duplicates import lifecycle as duplicates
from vendors.email_change import lifecycle as email_change
from vendors.models import ClosedAs, EmailChange, PossibleDuplicate, Vendor, VendorState
from vendors.payment import details as payment
from vendors.profile import approved_profile

pytestmark = pytest.mark.django_db

S = VendorState
State = PossibleDuplicate.State


def vendor_with(name: str = "", **profile) -> Vendor:
    vendor = create_vendor(state=S.APPROVED)
    own = {"full_name": name or vendor.name, "phone": f"+4860{vendor.pk:07}"}
    approved_profile.adopt(vendor, approved(**own | profile))
    return vendor


def signs(vendor: Vendor) -> dict[Vendor, list[str]]:
    return {pair.other(vendor): pair.signs for pair in duplicates.look(vendor.pk)}


@pytest.mark.parametrize(
    ("sign", "one", "other"),
    [
        ("name", {"name": "Łucja Nowak"}, {"name": "nowak lucja"}),
        ("number", {"tax_id": "526-000-12-46"}, {"vat_number": "PL5260001246"}),
        ("iban", {"payment": IBAN}, {"payment": IBAN | {"iban": "PL61 1090 1014 0000 0712 1981 2874"}}),
        ("phone", {"phone": "+48221234567"}, {"phone": "+48221234567;ext=12"}),
    ],
)
def test_profiles_are_compared(sign, one, other):
    first, second = vendor_with(**one), vendor_with(**other)

    assert signs(second) == {first: [sign]}
    assert signs(first) == {second: [sign]}
    assert PossibleDuplicate.objects.count() == 1


def test_what_differs_is_no_duplicate():
    vendor_with("Łucja Nowak", phone="+48221234567", tax_id="5260001246", payment=IBAN)
    other = vendor_with("Łucja Nowakowska", phone="+482212345678", tax_id="5260001247")

    assert signs(other) == {}


def test_same_name_in_another_country_is_no_duplicate_and_without_a_country_it_may_be():
    polish, german = vendor_with("Anna Schmidt"), vendor_with("Anna Schmidt", country="DE")

    assert signs(german) == {}
    assert set(signs(create_vendor(name="Schmidt, Anna"))) == {polish, german}


def test_name_of_the_profile_counts_as_well_as_the_one_vm_gave():
    known = vendor_with("Łucja Nowak")
    Vendor.objects.filter(pk=known.pk).update(name="L. N. (legal)")

    assert signs(create_vendor(name="Lucja Nowak")) == {known: ["name"]}


@pytest.mark.parametrize("side", ["old", "new"])
def test_former_address_of_another_vendor(side):
    former = create_vendor()
    create_email_change(vendor=former, state="undone", **{side: "Ana@Mail.example"})

    assert signs(create_vendor(primary_email="ana@mail.example")) == {former: ["address"]}


def test_present_address_of_another_vendor_that_was_once_theirs():
    holder = create_vendor(primary_email="ana@mail.example")
    vendor = create_vendor()
    create_email_change(vendor=vendor, old="ana@mail.example", state="confirmed")

    assert signs(vendor) == {holder: ["address"]}


def test_what_was_sent_is_compared_before_it_is_approved():
    known = vendor_with(phone="+48221234567")
    applicant = create_vendor(state=S.ONBOARDING)
    changing.sent_first(applicant)
    phone = applicant.submissions.get().answers["contact"]["phone"]
    known.profile.phone = phone
    known.profile.save()

    assert signs(applicant)[known] == ["phone"]


def test_erased_vendors_and_duplicates_are_left_out():
    for state in (S.ERASED, S.DECLINED):
        create_vendor(state=state, name="Ana Almeida")
    Vendor.objects.filter(state=S.DECLINED).update(closed_as=ClosedAs.DUPLICATE)

    assert signs(create_vendor(name="Ana Almeida")) == {}


def test_vendors_are_compared_when_added_submitted_approved_and_paid():
    lifecycle.add(name="Ana", primary_email="ana@mail.example", language="en-GB")
    assert len(jobs("vendors.tasks.look_for_duplicates")) == 1
    vendor = create_vendor(state=S.ONBOARDING)
    changing.approved_first(vendor)
    payment.adopt(vendor, IBAN | {"iban": "DE89370400440532013000"})

    deferred = jobs("vendors.tasks.look_for_duplicates")[1:]
    assert deferred == [{"vendor_id": vendor.pk}] * 4, "sent, its account, its profile, and another account"


def test_task_writes_the_pair_down():
    create_vendor(name="Ana Almeida")
    second = create_vendor(name="Ana Almeida")

    tasks.look_for_duplicates(second.pk)
    tasks.look_for_duplicates(second.pk)

    assert PossibleDuplicate.objects.get().second == second


def test_looking_costs_the_same_whatever_is_there():
    vendor = vendor_with("Łucja Nowak", phone="+48221234567", tax_id="5260001246", payment=IBAN)

    def statements() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            duplicates.look(vendor.pk)
        return len(queries)

    vendor_with("Łucja Nowak")
    few = statements()
    for _number in range(4):
        vendor_with("Łucja Nowak", phone="+48221234567", tax_id="5260001246", payment=IBAN)
    duplicates.look(vendor.pk)
    assert statements() <= few <= 16


def test_fingerprints_of_ibans_follow_the_keys(settings):
    known = vendor_with(payment=IBAN)
    old, new = settings.FIELD_ENCRYPTION_KEYS[0], Fernet.generate_key().decode()
    settings.FIELD_ENCRYPTION_KEYS = [new, old]
    assert signs(vendor_with(payment=IBAN))[known] == ["iban"]

    call_command("rotate_field_keys")
    settings.FIELD_ENCRYPTION_KEYS = [new]

    assert signs(vendor_with(payment=IBAN))[known] == ["iban"]


def pair_of(first: Vendor, second: Vendor) -> PossibleDuplicate:
    return duplicates.compare(first, second)


def test_ruled_out_once_and_remembered(vera):
    first, second = create_vendor(name="Ana Almeida"), create_vendor(name="Ana Almeida")
    [pair] = duplicates.look(second.pk)

    duplicates.rule_out(pair, by=vera)

    assert duplicates.look(first.pk) == []
    pair.refresh_from_db()
    assert (pair.state, pair.decided_by) == (State.DIFFERENT, vera)
    assert events(first) == events(second) == ["duplicate_ruled_out"]
    with pytest.raises(duplicates.AlreadyDecided, match="different people"):
        duplicates.rule_out(pair, by=create_staff())


def test_more_in_common_is_added_to_an_open_pair():
    first, second = create_vendor(name="Ana Almeida"), create_vendor(name="Ana Almeida")
    duplicates.look(first.pk)
    create_email_change(vendor=first, old=second.primary_email, state="confirmed")

    assert signs(first) == {second: ["address", "name"]}


@pytest.mark.parametrize("state", [*Vendor.LIVE, S.SUSPENDED, S.DECLINED, S.ENDED])
def test_one_is_closed_as_a_duplicate_from_every_state_and_the_other_invited_there(state, vera):
    duplicate, kept = create_vendor(state=state, primary_email="ana@mail.example"), create_vendor(state=S.APPROVED)
    third = create_vendor()
    pair_of(duplicate, third)
    oids = set(EntraAccount.objects.filter(user=duplicate.user).values_list("oid", flat=True))

    duplicates.close_as_duplicate(pair_of(duplicate, kept), duplicate, by=vera, reason="the same person")

    duplicate.refresh_from_db()
    assert (duplicate.primary_email, duplicate.closed_as) == (None, ClosedAs.DUPLICATE)
    assert duplicate.state == (S.ENDED if state in (S.APPROVED, S.SUSPENDED, S.ENDED) else S.DECLINED)
    assert not EntraAccount.objects.filter(user=duplicate.user).exists()
    assert live_addresses(kept.user) == [kept.primary_email]
    assert events(kept) == ["duplicate_closed"]
    assert duplicates.kept_instead_of(duplicate) == kept
    assert not PossibleDuplicate.objects.open().exists()
    with pytest.raises(lifecycle.ClosedAsDuplicate):
        lifecycle.reopen(duplicate)

    email_change.start(kept, new="ana@mail.example", reason="their other address", how_known="called", by=vera)
    for oid in oids:
        account = accounts.bind(kept.user, oid=oid, address="ana@mail.example", created_by_passport=False)
        assert account.is_live
    assert Invitation.objects.get(state="queued").address == "ana@mail.example"


def test_taken_over_account_does_not_come_back_when_the_kept_vendor_is_reopened(vera):
    duplicate, kept = create_vendor(state=S.ENDED), create_vendor(state=S.APPROVED)

    duplicates.close_as_duplicate(pair_of(duplicate, kept), duplicate, by=vera, reason="the same person")
    lifecycle.end(kept)
    lifecycle.reopen(kept)

    assert live_addresses(kept.user) == [kept.primary_email]


def test_disowned_account_stays_behind(vera):
    duplicate, kept = create_vendor(state=S.APPROVED), create_vendor(state=S.APPROVED)
    strange = create_account(user=duplicate.user, address="eve@mail.example")
    accounts.revoke(strange, why=EntraAccount.Revoked.DISOWNED)

    duplicates.close_as_duplicate(pair_of(duplicate, kept), duplicate, by=vera, reason="the same person")

    assert list(EntraAccount.objects.filter(user=duplicate.user)) == [strange]


def test_account_is_taken_over_only_where_it_may_be():
    giver, taker, other = (create_vendor(state=S.APPROVED).user for _number in range(3))
    account = giver.accounts.get()

    with pytest.raises(accounts.StillLive, match="can still sign in"):
        accounts.take_over_account(account, giver=giver, taker=taker)
    accounts.revoke(account, why=EntraAccount.Revoked.CLOSED)
    with pytest.raises(accounts.BoundToSomebodyElse):
        accounts.take_over_account(account, giver=other, taker=taker)
    EntraAccount.objects.update(revoked_at=timezone.now(), revoked_why=EntraAccount.Revoked.DISOWNED)
    with pytest.raises(accounts.Disowned):
        accounts.take_over_account(account, giver=giver, taker=taker)
    staff = create_staff()
    accounts.revoke(staff.accounts.get(), why=EntraAccount.Revoked.CLOSED)
    with pytest.raises(accounts.BoundToSomebodyElse):
        accounts.take_over_account(staff.accounts.get(), giver=staff, taker=taker)

    account.refresh_from_db()
    assert account.user == giver


def test_vendor_who_is_a_duplicate_or_erased_cannot_be_kept(vera):
    duplicate, kept, other = (create_vendor(state=S.APPROVED) for _number in range(3))
    duplicates.close_as_duplicate(pair_of(duplicate, kept), duplicate, by=vera, reason="the same person")

    with pytest.raises(duplicates.CannotBeKept):
        duplicates.close_as_duplicate(pair_of(duplicate, other), other, by=vera, reason="wrong way round")

    other.refresh_from_db()
    assert other.state == S.APPROVED


def test_only_a_duplicate_has_no_address():
    vendor = create_vendor()

    with pytest.raises(IntegrityError), transaction.atomic():
        Vendor.objects.filter(pk=vendor.pk).update(primary_email=None)


@pytest.mark.django_db(transaction=True)
def test_two_colleagues_who_close_both_ways_at_the_same_time():
    one, other = create_vendor(state=S.APPROVED), create_vendor(state=S.APPROVED)
    pair = pair_of(one, other)
    outcomes: list[str] = []

    def close(which: Vendor) -> None:
        try:
            mine = PossibleDuplicate.objects.select_related("first__user", "second__user").get(pk=pair.pk)
            duplicate = mine.first if mine.first_id == which.pk else mine.second
            duplicates.close_as_duplicate(mine, duplicate, by=None, reason="the same person")
            outcomes.append("closed")
        except (duplicates.AlreadyDecided, duplicates.CannotBeKept):
            outcomes.append("refused")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=close, args=(vendor,)) for vendor in (one, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["closed", "refused"]
    assert Vendor.objects.filter(closed_as=ClosedAs.DUPLICATE).count() == 1
    assert EmailChange.objects.filter(mode="duplicate").count() == 1
