import datetime as dt
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from identity.admin_lists import CappedPaginator
from identity.jobs import heartbeat
from identity.models import Failure, Invitation
from identity.roles import ADMINISTRATOR, AUDITOR, FINANCE, OPERATIONS, VENDOR_MANAGER
from tests.clients import signed_in
from tests.factories import (
    create_attempt,
    create_email_change,
    create_failure,
    create_invitation,
    create_staff,
    create_vendor,
)
from tests.records import events, jobs, live_addresses
from vendors import lifecycle
from vendors.actions import ACTIONS
from vendors.admin.vendor import VendorAdmin
from vendors.models import EmailChange, EmailChangeRequest, Vendor, VendorEvent, VendorState

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore:No directory at")]

S = VendorState
ADD = "/admin/vendors/vendor/add/"


def page(vendor):
    return reverse("admin:vendors_vendor_change", args=[vendor.pk])


def button(vendor, name):
    return reverse("admin:vendors_vendor_action", args=[vendor.pk, name])


def change_email(vendor):
    return reverse("admin:vendors_vendor_change_email", args=[vendor.pk])


def form(**changes):
    return {"name": "Ana Almeida", "primary_email": "ana@mail.example", "language": "pt-PT", "owner": "", **changes}


def messages(answer):
    return [str(message) for message in answer.context["messages"]]


# Adding


def test_add_prepared(as_vera, vera):
    answer = as_vera.post(ADD, form(owner=vera.pk, _prepare="1"), follow=True)

    vendor = Vendor.objects.get()
    assert answer.redirect_chain == [(page(vendor), 302)]
    assert (vendor.name, vendor.primary_email, vendor.language, vendor.state, vendor.owner) == (
        "Ana Almeida",
        "ana@mail.example",
        "pt-PT",
        S.PREPARED,
        vera,
    )
    assert vendor.events.get().by == vera
    assert not Invitation.objects.exists()


def test_add_and_invite(as_vera, vera):
    as_vera.post(ADD, form(_invite="1"))

    vendor = Vendor.objects.get()
    assert vendor.state == S.INVITED
    assert Invitation.objects.get().by == vera
    assert len(jobs("identity.tasks.send_invitation")) == 1


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("ana", "Enter an email address"),
        ("ana+x@mail.example", "“+”"),
        ("änne@mail.example", "plain Latin letters"),
        ("", "Enter the vendor"),
    ],
)
def test_add_says_what_is_wrong_with_the_address(as_vera, address, said):
    answer = as_vera.post(ADD, form(primary_email=address, _invite="1"))

    assert answer.status_code == 200
    assert said in str(answer.context["form"].errors["primary_email"])
    assert not Vendor.objects.exists()


def test_add_names_and_links_the_vendor_who_has_the_address(as_vera):
    holder = create_vendor(primary_email="Ana@mail.example", name="Ana & Sons")

    answer = as_vera.post(ADD, form(_invite="1"))

    assert f'primary email of <a href="{page(holder)}"><bdi translate="no">Ana &amp; Sons</bdi></a>' in answer.text
    assert Vendor.objects.count() == 1


def test_add_names_the_vendor_whose_open_change_holds_the_address(as_vera):
    holder = create_vendor()
    create_email_change(vendor=holder, old="ana@mail.example")

    answer = as_vera.post(ADD, form(_invite="1"))

    assert f'open email change for <a href="{page(holder)}">' in answer.text


def hidden(answer, name):
    return re.search(rf'name="{name}" value="([^"]*)"', answer.text)[1]


def test_add_asks_once_about_a_near_miss_and_then_believes(as_vera):
    typed = form(primary_email="sandbox-ana@gmial.com", _invite="1")

    answer = as_vera.post(ADD, typed)
    assert 'Did you mean <bdi translate="no">sandbox-ana@gmail.com</bdi>?' in answer.text
    assert not Vendor.objects.exists()
    as_vera.post(ADD, typed | {"confirmed_address": hidden(answer, "confirmed_address")})

    assert Vendor.objects.get().primary_email == "sandbox-ana@gmial.com"


def test_add_asks_again_about_another_near_miss(as_vera):
    answer = as_vera.post(ADD, form(primary_email="sandbox-ana@gmial.com"))
    confirmed = hidden(answer, "confirmed_address")

    as_vera.post(ADD, form(primary_email="sandbox-ana@hotmial.com", confirmed_address=confirmed))

    assert not Vendor.objects.exists()


def test_add_warns_of_a_former_holder_and_then_believes(as_vera):
    former = create_vendor(name="Bo")
    create_email_change(vendor=former, old="ana@mail.example", state="confirmed")

    answer = as_vera.post(ADD, form())
    assert f'once belonged to <a href="{page(former)}"><bdi translate="no">Bo</bdi></a>' in answer.text
    as_vera.post(ADD, form(confirmed_address=hidden(answer, "confirmed_address")))

    assert Vendor.objects.filter(primary_email="ana@mail.example").exists()


# The vendor's page


def test_page_can_change_name_language_and_owner_and_nothing_else(as_vera, vera):
    vendor = create_vendor(state=S.APPROVED, primary_email="ana@mail.example")

    as_vera.post(
        page(vendor),
        {
            "name": "Ana B.",
            "language": "de-DE",
            "owner": vera.pk,
            "primary_email": "evil@mail.example",
            "state": "prepared",
        },
    )

    vendor.refresh_from_db()
    assert (vendor.name, vendor.language, vendor.owner) == ("Ana B.", "de-DE", vera)
    assert (vendor.primary_email, vendor.state) == ("ana@mail.example", S.APPROVED)


def test_saving_the_form_does_not_put_back_a_state_that_moved_on(as_vera, monkeypatch):
    vendor = create_vendor(state=S.ONBOARDING)
    save = VendorAdmin.save_model

    def submitted_meanwhile(self, request, obj, form, change):
        lifecycle.submit(Vendor.objects.get(pk=obj.pk))
        save(self, request, obj, form, change)

    monkeypatch.setattr(VendorAdmin, "save_model", submitted_meanwhile)
    as_vera.post(page(vendor), {"name": "Ana B.", "language": "en-GB", "owner": ""})

    vendor.refresh_from_db()
    assert (vendor.name, vendor.state) == ("Ana B.", S.SUBMITTED)


OFFERED = {
    S.PREPARED: {"invite", "suspend", "close"},
    S.INVITED: {"invite-again", "withdraw-invitation", "suspend", "close"},
    S.ONBOARDING: {"remind", "repair-sign-in", "sessions", "suspend", "close"},
    S.SUBMITTED: {"repair-sign-in", "sessions", "suspend", "close"},
    S.CHANGES_REQUESTED: {"remind", "repair-sign-in", "sessions", "suspend", "close"},
    S.APPROVED: {"repair-sign-in", "sessions", "suspend", "end", "ask-still-right"},
    S.DECLINED: {"reopen"},
    S.SUSPENDED: {"reinstate", "end"},
    S.ENDED: {"reopen"},
    S.ERASED: set(),
}


def offered(client, vendor):
    text = client.get(page(vendor)).text
    return set(re.findall(rf'href="/admin/vendors/vendor/{vendor.pk}/([a-z-]+)/"', text)) - {"change", "explain"}


@pytest.mark.parametrize("state", list(VendorState))
def test_page_offers_what_is_possible_and_nothing_else(as_vera, state):
    vendor = create_vendor(state=state)

    found = offered(as_vera, vendor)

    email = {"change-email"} if vendor.is_live else set()
    others = {"compare", "test-translations", "hold", "data-request"} if state != S.ERASED else {"data-request"}
    assert found - {"history", "delete", "tags"} == OFFERED[state] | email | others
    assert "delete" not in found


def test_page_offers_undo_and_cut_off_while_a_planned_change_is_open(as_vera):
    vendor = create_vendor(state=S.APPROVED)
    create_email_change(vendor=vendor)

    assert {"undo-email-change", "cut-off", "invite-again"} < offered(as_vera, vendor)
    EmailChange.objects.update(mode="cut_off")
    assert "cut-off" not in offered(as_vera, vendor)


def test_page_leads_to_the_waiting_submission(as_vera):
    vendor = create_vendor(state=S.SUBMITTED)

    text = as_vera.get(page(vendor)).text

    assert f"/admin/onboarding/submission/{vendor.submissions.get().pk}/change/" in text


def test_page_of_nobody_is_not_found(as_vera):
    for url in (
        "/admin/vendors/vendor/99/x/",
        "/admin/vendors/vendor/99/invite/",
        "/admin/vendors/vendor/99/change-email/",
    ):
        assert as_vera.get(url).status_code == 404


# Buttons


POSSIBLE = [
    ("invite", S.PREPARED, S.INVITED),
    ("invite-again", S.INVITED, S.INVITED),
    ("withdraw-invitation", S.INVITED, S.PREPARED),
    ("repair-sign-in", S.APPROVED, S.APPROVED),
    ("reinstate", S.SUSPENDED, S.APPROVED),
    ("reopen", S.ENDED, S.APPROVED),
    ("suspend", S.APPROVED, S.SUSPENDED),
    ("close", S.ONBOARDING, S.DECLINED),
    ("end", S.APPROVED, S.ENDED),
    ("ask-still-right", S.APPROVED, S.APPROVED),
]


def test_every_action_is_tested():
    assert {name for name, _state, _to in POSSIBLE} | {
        "undo-email-change",
        "cut-off",
        "uphold-email-change",  # from the page of its case
        "uphold-payment",  # tests/onboarding/change/test_payment_disputes.py
    } == ACTIONS.keys()


@pytest.mark.parametrize(("name", "state", "to"), POSSIBLE)
def test_button_says_what_will_happen_and_then_does_it_once(as_vera, vera, name, state, to):
    vendor = create_vendor(state=state)

    confirmation = as_vera.get(button(vendor, name))
    assert confirmation.status_code == 200
    assert 'id="consequences"' in confirmation.text
    assert events(vendor) == []
    answer = as_vera.post(button(vendor, name), {"reason": "because", "closed_as": "mistake"}, follow=True)

    vendor.refresh_from_db()
    assert vendor.state == to
    assert vendor.events.get().by == vera
    assert messages(answer) == [str(ACTIONS[name].success)]
    if ACTIONS[name].asks_reason:
        assert vendor.events.get().reason == "because"


@pytest.mark.parametrize(("name", "state", "to"), [one for one in POSSIBLE if ACTIONS[one[0]].asks_reason])
def test_button_that_asks_for_a_reason_needs_one(as_vera, name, state, to):
    vendor = create_vendor(state=state)

    answer = as_vera.post(button(vendor, name), {"reason": " "})

    assert 'aria-invalid="true"' in answer.text
    vendor.refresh_from_db()
    assert vendor.state == state


@pytest.mark.parametrize("name", ACTIONS)
def test_button_pressed_too_late_says_so(as_vera, name):
    vendor = create_vendor(state=S.ERASED)

    for method in (as_vera.get, as_vera.post):
        answer = method(button(vendor, name), follow=True)
        assert "You cannot do this now, because" in messages(answer)[0]

    assert events(vendor) == []


@pytest.mark.parametrize("name", ACTIONS)
def test_button_needs_its_permission(name):
    vendor = create_vendor()

    for role in (AUDITOR, FINANCE):
        client = signed_in(create_staff(role=role))
        assert client.get(button(vendor, name)).status_code == 403
        assert client.post(button(vendor, name)).status_code == 403


def test_button_needs_the_token_of_its_form(vera):
    vendor = create_vendor()
    client = signed_in(vera)
    client.handler.enforce_csrf_checks = True

    assert client.post(button(vendor, "invite")).status_code == 400
    assert events(vendor) == []


def test_unknown_button_is_not_found(as_vera):
    assert as_vera.get(button(create_vendor(), "promote")).status_code == 404


def test_undo_and_cut_off_by_button(as_vera):
    vendor = create_vendor(state=S.APPROVED, primary_email="old@mail.example")
    confirm_email_change(as_vera, vendor, new="new@mail.example", mode="planned")

    as_vera.post(button(vendor, "cut-off"))
    assert EmailChange.objects.get().mode == "cut_off"
    as_vera.post(button(vendor, "undo-email-change"))

    vendor.refresh_from_db()
    assert vendor.primary_email == "old@mail.example"
    assert EmailChange.objects.get().state == "undone"


# Change primary email


def email_form(**changes):
    return {"how_known": "called", "reason": "moved", **changes}


def confirm_email_change(client, vendor, **changes):
    return client.post(change_email(vendor), email_form(_confirm="1", **changes), follow=True)


@pytest.mark.parametrize(("mode", "live"), [("planned", ["old@mail.example"]), ("cut_off", [])])
def test_change_email_shows_what_will_happen_and_then_does_it(as_vera, vera, mode, live):
    vendor = create_vendor(state=S.APPROVED, primary_email="old@mail.example")

    assert as_vera.get(change_email(vendor)).status_code == 200
    preview = as_vera.post(change_email(vendor), email_form(new="new@mail.example", mode=mode))
    assert 'id="consequences"' in preview.text
    assert "new@mail.example" in preview.text
    assert ("keeps working until the first sign-in" in preview.text) == (mode == "planned")
    assert ("any more. Everyone signed in with it is signed out." in preview.text) == (mode == "cut_off")
    assert not EmailChange.objects.exists()
    carried = {field: hidden(preview, field) for field in ("new", "mode", "how_known", "reason")}
    as_vera.post(change_email(vendor), carried | {"_confirm": "1"})

    change = EmailChange.objects.get()
    assert (change.new, change.mode, change.how_known, change.reason, change.by) == (
        "new@mail.example",
        mode,
        "called",
        "moved",
        vera,
    )
    assert live_addresses(vendor.user) == live


def test_change_email_can_go_back_to_the_form(as_vera):
    vendor = create_vendor(state=S.APPROVED)

    answer = as_vera.post(change_email(vendor), email_form(new="new@mail.example", mode="planned", _edit="1"))

    assert 'value="new@mail.example"' in answer.text
    assert 'name="_confirm"' not in answer.text
    assert not EmailChange.objects.exists()


def test_correction_offers_no_choice(as_vera):
    vendor = create_vendor(state=S.INVITED)

    answer = as_vera.get(change_email(vendor))

    assert 'name="mode"' not in answer.text
    assert 'name="how_known"' not in answer.text
    confirm_email_change(as_vera, vendor, new="new@mail.example")
    assert EmailChange.objects.get().mode == "correction"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"new": "new"}, "new"),
        ({"new": "taken@mail.example"}, "new"),
        ({"new": "OLD@mail.example"}, "new"),
        ({"new": "new@mail.example", "reason": ""}, "reason"),
        ({"new": "new@mail.example", "how_known": ""}, "how_known"),
        ({"new": "new@mail.example", "mode": "correction"}, "mode"),
        ({"new": "sandbox-new@gmial.com"}, "new"),
    ],
)
def test_change_email_says_what_is_wrong(as_vera, changes, field):
    vendor = create_vendor(state=S.APPROVED, primary_email="old@mail.example")
    create_vendor(primary_email="taken@mail.example")

    answer = as_vera.post(change_email(vendor), email_form(mode="planned", _confirm="1") | changes)

    assert list(answer.context["form"].errors) == [field]
    assert not EmailChange.objects.exists()


def test_change_email_of_a_suspended_vendor_is_refused(as_vera):
    vendor = create_vendor(state=S.SUSPENDED)

    answer = as_vera.get(change_email(vendor), follow=True)

    assert "suspended" in messages(answer)[0]


# Who may see and do what


@pytest.mark.parametrize(
    ("role", "may_look", "may_add", "may_change"),
    [
        (VENDOR_MANAGER, True, True, True),
        (ADMINISTRATOR, True, True, True),
        (OPERATIONS, True, False, False),
        (FINANCE, True, False, False),
        (AUDITOR, True, False, False),
        ("Nobody", False, False, False),
    ],
)
def test_roles(role, may_look, may_add, may_change):
    vendor = create_vendor(state=S.APPROVED)
    client = signed_in(create_staff(role=role))

    assert client.get("/admin/").status_code == 200
    assert client.get("/admin/vendors/vendor/").status_code == (200 if may_look else 403)
    assert client.get(page(vendor)).status_code == (200 if may_look else 403)
    assert client.get(ADD).status_code == (200 if may_add else 403)
    client.post(page(vendor), {"name": "Changed", "language": "en-GB", "owner": ""})
    vendor.refresh_from_db()
    assert (vendor.name == "Changed") == may_change
    assert client.get(change_email(vendor)).status_code == (200 if may_change else 403)
    assert client.post(f"/admin/vendors/vendor/{vendor.pk}/delete/", {"post": "yes"}).status_code == 403


def test_vendor_gets_nothing_of_the_admin():
    vendor = create_vendor(state=S.APPROVED)
    client = signed_in(vendor.user)

    for url in ("/admin/", "/admin/vendors/vendor/", page(vendor), change_email(vendor), button(vendor, "suspend")):
        answer = client.get(url, follow=True)
        assert answer.status_code == 403
        assert vendor.primary_email not in answer.text.replace(f'<bdi translate="no">{vendor.primary_email}</bdi>', "")


# Timeline


def test_timeline_tells_everything_newest_first(as_vera, vera):
    vendor = create_vendor(state=S.APPROVED, primary_email="new@mail.example")
    lifecycle.suspend(vendor, by=vera, reason="on leave")
    create_email_change(vendor=vendor, old="old@mail.example", state="confirmed")
    create_failure(user=vendor.user, reason="declined", count=3)
    create_attempt(user=vendor.user, started_at=timezone.now() - dt.timedelta(days=1))

    text = as_vera.get(page(vendor)).text
    timeline = text[text.index('class="timeline"') :]

    for said in (
        "Suspended",
        "on leave",
        "vera.vm@sandberg.example",
        'from <bdi translate="no">old@mail.example</bdi> to <bdi translate="no">new@mail.example</bdi>',
        'Invitation to <bdi translate="no">new@mail.example</bdi>',
        "3 times since",
        "Pressed “Sign in”",
    ):
        assert said in timeline, said
    shown = re.findall(r'<time datetime="([^"]+)"', timeline)
    assert shown == sorted(shown, reverse=True)
    assert len(shown) == 5


def test_queued_invitation_says_what_it_waits_for(as_vera):
    vendor = create_vendor(state=S.INVITED)
    Invitation.objects.update(state="queued", sent_at=None)

    assert "the worker is not running" in as_vera.get(page(vendor)).text
    heartbeat.beat("worker")
    assert "Waiting for Microsoft." in as_vera.get(page(vendor)).text
    Invitation.objects.update(
        next_try_at="2026-12-24T17:05Z", attempts=2, reason="graph_unavailable", last_error="Graph returned 503."
    )
    text = as_vera.get(page(vendor)).text

    assert "Next attempt on 24 December 2026, 17:05" in text
    assert "Graph returned 503." in text
    assert "Tried 2 times." in text


def test_page_shows_open_cases_with_advice(as_vera):
    vendor = create_vendor(state=S.APPROVED)
    failure = create_failure(user=vendor.user, reason="did_not_come_back")
    create_failure(user=vendor.user, reason="declined", state=Failure.State.RESOLVED)

    text = as_vera.get(page(vendor)).text
    above = text[: text.index('class="timeline"')]

    assert f'Case <span translate="no">{failure.reference}</span>' in above
    assert "If in doubt, send the invitation again." in above
    assert above.count("notice-error") == 1


def test_page_leads_to_what_the_vendor_asks_for(as_vera):
    vendor = create_vendor(state=S.APPROVED)
    asked = EmailChangeRequest.objects.create(vendor=vendor, new="wish@mail.example", proven_at=timezone.now())

    text = as_vera.get(page(vendor)).text

    assert "wish@mail.example" in text
    assert f"/admin/vendors/emailchangerequest/{asked.pk}/change/" in text


def statements(client, url):
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


def test_page_costs_the_same_whatever_happened(as_vera):
    vendor = create_vendor(state=S.APPROVED)
    statements(as_vera, page(vendor))  # Django keeps the content type
    before = statements(as_vera, page(vendor))
    for number in range(5):
        lifecycle.record(vendor, "approved", by=create_staff())
        create_email_change(vendor=vendor, state="confirmed", by=create_staff())
        create_invitation(user=vendor.user, address=f"a{number}@mail.example", state="superseded", by=create_staff())
        create_failure(user=vendor.user, reason=f"reason-{number}")
        create_attempt(user=vendor.user)

    assert statements(as_vera, page(vendor)) == before
    # Two for the notes, six for the tables whose changed fields are shown, one for each other kind of entry, for the
    # test translations, and for what is about to be erased, held back, locked or asked for.
    assert before <= 56


# The list


def test_list_costs_the_same_with_one_and_three_rows(as_vera):
    create_vendor(state=S.APPROVED, owner=create_staff())
    url = "/admin/vendors/vendor/"
    before = statements(as_vera, url)
    for _number in range(2):
        vendor = create_vendor(state=S.SUBMITTED, owner=create_staff())
        create_failure(user=vendor.user)
        create_email_change(vendor=vendor)

    assert statements(as_vera, url) == before
    assert before <= 8


def shown(answer):
    return [vendor.name for vendor in answer.context["cl"].result_list]


def test_list_shows_newest_first_with_open_cases(as_vera):
    create_vendor(name="First")
    second = create_vendor(name="Second")
    create_failure(user=second.user)
    create_failure(user=second.user, reason="declined")
    create_failure(user=second.user, reason="code_rejected", state=Failure.State.RESOLVED)

    answer = as_vera.get("/admin/vendors/vendor/")

    assert shown(answer) == ["Second", "First"]
    assert '<span class="tag tag-problem">2</span>' in answer.text


def test_list_of_a_state_is_a_queue(as_vera):
    now = timezone.now()
    create_vendor(name="Later", state=S.INVITED, state_changed_at=now - dt.timedelta(days=1))
    create_vendor(name="Longest", state=S.INVITED, state_changed_at=now - dt.timedelta(days=9))
    create_vendor(name="Other", state=S.APPROVED)

    assert shown(as_vera.get("/admin/vendors/vendor/?state__exact=invited")) == ["Longest", "Later"]
    assert shown(as_vera.get("/admin/vendors/vendor/?state__exact=invited&waits=week")) == ["Longest"]


def test_list_filters_by_owner_and_open_email_change(as_vera, vera):
    create_vendor(name="Mine", owner=vera)
    changing = create_vendor(name="Nobody's")
    create_email_change(vendor=changing)

    assert shown(as_vera.get(f"/admin/vendors/vendor/?owner={vera.pk}")) == ["Mine"]
    assert shown(as_vera.get("/admin/vendors/vendor/?owner=none")) == ["Nobody's"]
    assert shown(as_vera.get("/admin/vendors/vendor/?owner=nonsense")) == ["Nobody's", "Mine"]
    assert shown(as_vera.get("/admin/vendors/vendor/?email_change=open")) == ["Nobody's"]


@pytest.mark.parametrize(
    "term",
    [
        "Almeida",
        "alm",
        "maria alm",
        "ALMEIDA MARIA",
        "now@",
        "NOW@mail.example",
        "once@mail",
        "typo@",
        "maria",
    ],
)
def test_search_finds_by_words_of_the_name_and_by_every_address(as_vera, term):
    vendor = create_vendor(name="Maria Almeida", primary_email="now@mail.example")
    create_email_change(vendor=vendor, old="once@mail.example", state="confirmed")
    create_email_change(vendor=vendor, new="typo@mail.example", state="superseded")
    create_vendor(name="Somebody else", primary_email="else@mail.example")

    assert shown(as_vera.get("/admin/vendors/vendor/", {"q": term})) == ["Maria Almeida"]


@pytest.mark.parametrize("term", ["%", "_", "'", "\\", "!!", "a & b | !c:*", "<x>", "meida"])
def test_search_for_odd_things_finds_nothing_and_does_not_fail(as_vera, term):
    create_vendor(name="Maria Almeida", primary_email="now@mail.example")

    answer = as_vera.get("/admin/vendors/vendor/", {"q": term})

    assert answer.status_code == 200
    assert shown(answer) == []


def test_long_list_is_not_counted_to_the_end(as_vera, monkeypatch):
    monkeypatch.setattr(CappedPaginator, "AT_MOST", 2)
    for _number in range(3):
        create_vendor()

    with CaptureQueriesContext(connection) as captured:
        answer = as_vera.get("/admin/vendors/vendor/")

    assert "More than 2 vendors" in answer.text
    assert ["LIMIT 3" in query["sql"] for query in captured if "COUNT(*)" in query["sql"]] == [True]


# Cases


def test_cases_are_listed_with_address_reason_and_count(as_vera):
    create_failure(address="ana@mail.example", reason="declined", count=4)

    text = as_vera.get("/admin/identity/failure/?state__exact=open").text

    assert "ana@mail.example" in text
    assert "×4" in text


def test_case_has_advice_and_leads_to_the_vendor(as_vera):
    vendor = create_vendor(state=S.INVITED)
    failure = create_failure(user=vendor.user, address="ana@mail.example", reason="did_not_come_back")

    text = as_vera.get(reverse("admin:identity_failure_change", args=[failure.pk])).text

    assert "If in doubt, send the invitation again." in text
    assert f"/admin/person/{vendor.user_id}/?do=invite" in text
    assert as_vera.get(f"/admin/person/{vendor.user_id}/").url == page(vendor)
    assert as_vera.get(f"/admin/person/{vendor.user_id}/?do=invite").url == button(vendor, "invite-again")
    assert as_vera.get(f"/admin/person/{vendor.user_id}/?do=change_email").url == change_email(vendor)


@pytest.mark.parametrize(
    ("state", "name"),
    [(S.PREPARED, "invite"), (S.INVITED, "invite-again"), (S.APPROVED, "repair-sign-in")],
)
def test_link_to_invite_leads_to_what_helps(as_vera, state, name):
    vendor = create_vendor(state=state)

    assert as_vera.get(f"/admin/person/{vendor.user_id}/?do=invite").url == button(vendor, name)


def test_link_to_invite_somebody_shut_out_leads_to_their_page(as_vera):
    vendor = create_vendor(state=S.ENDED)

    assert as_vera.get(f"/admin/person/{vendor.user_id}/?do=invite").url == page(vendor)


def test_case_is_resolved_once_with_a_note(as_vera, vera):
    failure = create_failure()
    url = reverse("admin:identity_failure_resolve", args=[failure.pk])

    assert 'aria-invalid="true"' in as_vera.post(url, {"note": ""}).text
    as_vera.post(url, {"note": "called her"})
    as_vera.post(url, {"note": "again"})

    failure.refresh_from_db()
    assert (failure.state, failure.resolved_by, failure.resolved_how) == ("resolved", vera, "called her")


def test_case_is_resolved_only_with_the_permission():
    failure = create_failure()
    client = signed_in(create_staff(role=AUDITOR))
    url = reverse("admin:identity_failure_resolve", args=[failure.pk])

    assert client.post(url, {"note": "x"}).status_code == 403
    assert url not in client.get(reverse("admin:identity_failure_change", args=[failure.pk])).text


def test_ledgers_are_read_only_and_show_no_secret(db):
    admin = signed_in(create_staff(role=ADMINISTRATOR))
    vendor = create_vendor(state=S.APPROVED)
    attempt = create_attempt(user=vendor.user)
    account = vendor.user.accounts.get()
    rows = {
        "invitation": vendor.user.invitations.get().pk,
        "signinattempt": attempt.pk,
        "entraaccount": account.pk,
        "user": vendor.user_id,
    }

    for model, pk in rows.items():
        assert admin.get(f"/admin/identity/{model}/").status_code == 200
        answer = admin.get(f"/admin/identity/{model}/{pk}/change/")
        assert answer.status_code == 200
        assert '<input type="submit"' not in answer.text
        assert admin.get(f"/admin/identity/{model}/add/").status_code == 403
        assert admin.post(f"/admin/identity/{model}/{pk}/delete/", {"post": "yes"}).status_code == 403
        for secret in (attempt.binding_hash, vendor.user.password):
            assert secret not in answer.text


def test_timeline_names_the_step_that_was_saved(as_vera):
    vendor = create_vendor(state="onboarding")
    lifecycle.record(vendor, VendorEvent.Kind.STEP_SAVED, data={"step": "payment"})
    lifecycle.record(vendor, VendorEvent.Kind.STEP_SAVED, data={"step": "gone since"})

    page = as_vera.get(f"/admin/vendors/vendor/{vendor.pk}/change/").content.decode()

    assert "Step saved for the first time: How we pay you" in page
    assert "Step saved for the first time: gone since" in page


def test_timeline_names_the_pages_that_changed(as_vera):
    vendor = create_vendor(state="approved")
    lifecycle.record(vendor, VendorEvent.Kind.PROFILE_CHANGE_SENT, data={"sections": ["services", "tax"]})

    page = as_vera.get(f"/admin/vendors/vendor/{vendor.pk}/change/").content.decode()

    assert "Profile change sent by the vendor: Services and subjects, Tax" in page
