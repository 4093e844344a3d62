"""Every URL, asked for by every kind of person: who gets in, what a cache may keep, and no id that breaks it."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.core import signing
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

import identity.urls
from identity import roles
from identity.invitations import links
from identity.models import Invitation, User
from identity.sessions.admin import ACTIONS as ACCESS_ACTIONS
from identity.sign_in import emergency
from onboarding.correction.admin import NAMES as CORRECTABLE
from onboarding.draft.steps import STEPS
from onboarding.models import Submission
from onboarding.reports import figures
from passport.headers import PERMISSIONS
from tests.clients import signed_in
from tests.factories import create_attempt, create_email_change, create_failure, create_staff, create_vendor
from tests.onboarding import changing
from tests.vendors.payment import releasing
from vendors.actions import ACTIONS
from vendors.agreements import texts as agreements
from vendors.agreements import versions
from vendors.data_requests import lifecycle as data_requests
from vendors.duplicates import lifecycle as duplicates
from vendors.email_change import disputes
from vendors.finding.form import MAY_FIND
from vendors.models import (
    BulkRun,
    DataRequest,
    Document,
    EmailChangeRequest,
    Evidence,
    ExchangeRate,
    IsoException,
    LockedRecord,
    PaymentDispute,
    RetentionEntry,
    RetentionHold,
    SavedView,
    TaxCheck,
    Vendor,
    VendorExport,
    VendorImport,
    VendorState,
)
from vendors.notes import lifecycle as notes
from vendors.payment import disputes as payment_disputes
from vendors.texts.emails import catalogue

pytestmark = pytest.mark.django_db

NOBODY, ONBOARDING, APPROVED, WITHOUT_ROLE = "nobody", "vendor in onboarding", "approved vendor", "staff without a role"
KINDS = [NOBODY, ONBOARDING, APPROVED, WITHOUT_ROLE, *roles.PERMISSIONS]

# What the table "Who may do what" of docs/architecture.md asks of each page of the admin; the names of Django's own
# pages of a model say it themselves. To look is GET, to do is POST; a page that only does has no entry to look.
LOOK: dict[str, set[str] | None] = {
    "index": set(),
    "login": set(),
    "person": set(),
    "vendors_vendor_explain": {"vendors.view_vendor", "identity.view_failure"},
    "vendors_vendor_history": {"vendors.view_vendor", "vendors.view_vendorevent"},
    "vendors_vendor_change_email": {"vendors.change_primary_email"},
    "vendors_vendor_sessions": {"vendors.end_sessions"},
    "vendors_vendor_tax_check": {"vendors.check_tax_numbers"},
    "vendors_vendor_hold": {"vendors.hold_vendor"},
    "vendors_vendor_data_request": {"vendors.answer_datarequest"},
    "vendors_vendor_locked_file": None,  # of whoever was shown the link
    "vendors_vendor_compare": {"vendors.merge_vendors"},
    "vendors_possibleduplicate_close": {"vendors.merge_vendors"},
    "vendors_vendor_find": set(MAY_FIND),
    "vendors_vendor_save_view": set(MAY_FIND),
    "vendors_vendor_export": {*MAY_FIND, "vendors.export_vendors"},
    "vendors_vendor_saved_view": None,  # its owner's alone
    "vendors_vendor_tags": {"vendors.change_vendor"},
    "vendors_vendor_remind": {"vendors.invite_vendor"},
    "vendors_vendor_notes": {"vendors.add_note"},
    "vendors_vendor_correct": {"vendors.change_vendor"},
    "vendors_vendor_propose_rate": {"vendors.change_vendor"},
    "vendors_vendor_tests": {"vendors.review_vendor"},
    "vendors_vendor_as_vendor": {"vendors.view_profile", "vendors.view_paymentdetails"},
    "vendors_vendor_note": {"vendors.change_note"},
    "vendors_vendor_import": {"vendors.add_vendor", "vendors.invite_vendor"},
    "vendors_vendor_import_look": {"vendors.add_vendor", "vendors.invite_vendor"},
    "vendors_vendor_exceptions": {"vendors.view_qualification"},
    "vendors_vendor_qualified": {"vendors.view_qualification"},
    "vendors_evidence_verify": {"vendors.review_vendor"},
    "vendors_evidence_revoke": {"vendors.review_vendor"},
    "vendors_vendor_import_start": {"vendors.add_vendor", "vendors.invite_vendor"},
    "vendors_vendor_import_refused": {"vendors.add_vendor", "vendors.invite_vendor"},
    "vendors_vendor_import_withdraw": {"vendors.add_vendor", "vendors.invite_vendor"},
    "vendors_vendor_bulk": {"vendors.view_vendor", "vendors.view_vendorevent"},
    "vendors_vendor_bulk_look": {"vendors.invite_vendor"},
    "vendors_document_refuse": {"vendors.review_vendor"},
    "vendors_emailchangerequest_approve": {"vendors.change_primary_email"},
    "vendors_emailchangerequest_decline": {"vendors.change_primary_email"},
    "vendors_absence_changelist": {"vendors.view_absence"},
    "vendors_agreementversion_changelist": {"vendors.change_texts"},
    "vendors_agreementversion_draft": {"vendors.change_texts"},
    "vendors_agreementversion_publish": {"vendors.change_texts"},
    "vendors_agreementversion_waiting": {"vendors.change_texts"},
    "vendors_text_changelist": {"vendors.change_texts"},
    "vendors_text_email": {"vendors.change_texts"},
    "vendors_text_choices": {"vendors.change_texts"},
    "vendors_absence_hand_over": {"vendors.change_vendor"},
    "identity_user_access": {"identity.end_sessions"},
    "identity_failure_work": {"identity.change_failure"},
    "identity_failure_resolve": {"identity.resolve_failure"},
    "onboarding_report_csv": {"onboarding.view_report"},
    "onboarding_submission_decide": {"vendors.review_vendor"},
}
DO: dict[str, set[str]] = {
    "vendors_vendor_exceptions": {"vendors.grant_iso_exception"},
    "vendors_vendor_exception_withdraw": {"vendors.grant_iso_exception"},
    "vendors_vendor_qualified_export": {"vendors.view_qualification"},
    "vendors_vendor_import_throw_away": {"vendors.add_vendor", "vendors.invite_vendor"},
    "vendors_vendor_import_withdraw": {"vendors.add_vendor", "vendors.invite_vendor"},
    "vendors_vendor_bulk_start": {"vendors.invite_vendor"},
    "vendors_vendor_bulk_again": {"vendors.invite_vendor"},
    "vendors_vendor_bulk_throw_away": {"vendors.invite_vendor"},
    "onboarding_report_work_out": {"onboarding.view_report"},
    "onboarding_submission_judge": {"vendors.review_vendor"},
    "onboarding_submission_accept": {"vendors.review_vendor"},
    "onboarding_submission_sample": {"vendors.review_vendor"},
    "onboarding_submission_payment": {"vendors.see_payment_details"},
    "onboarding_submission_tax_numbers": {"vendors.see_tax_numbers"},
    "vendors_vendor_tax_numbers": {"vendors.see_tax_numbers"},
    "vendors_datarequest_answer": {"vendors.answer_datarequest"},
    "vendors_datarequest_extend": {"vendors.answer_datarequest"},
    "vendors_datarequest_refuse": {"vendors.answer_datarequest"},
    "vendors_vendor_locked": {"vendors.see_locked_data", "vendors.see_tax_numbers"},
    "vendors_paymentrelease_call": {"vendors.release_payment"},
    "vendors_paymentrelease_release": {"vendors.release_payment"},
    "vendors_paymentrelease_refuse": {"vendors.release_payment"},
    "vendors_paymentdetails_export": {"vendors.export_payment"},
    "vendors_paymentdetails_take_over": {"vendors.export_payment"},
    "vendors_paymentdetails_reveal": {"vendors.see_payment_details"},
    "vendors_agreementversion_start": {"vendors.change_texts"},
    "vendors_absence_preferences": {"vendors.view_absence"},
    "vendors_absence_remove": {"vendors.view_absence"},
    "identity_failure_take": {"identity.change_failure"},
    "vendors_possibleduplicate_different": {"vendors.merge_vendors"},
}
APPS = {  # what shows anything of it; of the others nobody sees anything
    "identity": {"identity.view_failure"},
    "vendors": {"vendors.view_vendor"},
    "onboarding": {"onboarding.view_submission"},
}
BUTTONS = {
    "invite": "vendors.invite_vendor",
    "invite-again": "vendors.invite_vendor",
    "withdraw-invitation": "vendors.invite_vendor",
    "undo-email-change": "vendors.change_primary_email",
    "cut-off": "vendors.change_primary_email",
    "uphold-email-change": "vendors.change_primary_email",
    "uphold-payment": "vendors.review_vendor",
    "repair-sign-in": "vendors.change_primary_email",
    "reinstate": "vendors.suspend_vendor",
    "reopen": "vendors.close_vendor",
    "suspend": "vendors.suspend_vendor",
    "close": "vendors.close_vendor",
    "end": "vendors.close_vendor",
    "ask-still-right": "vendors.review_vendor",
}

FORM = "application/x-www-form-urlencoded"
ODD = ["%00", "²", "9" * 5000, str(2**63), str(uuid.UUID(int=0))]
SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": PERMISSIONS,
}
# The tenant shows it in a frame of its own page when somebody signs out there; it has no content.
FRAMED = "front-channel-logout"
# The same for everybody who reads them.
IMPERSONAL = {"jsi18n", "security-txt"}
# Whoever has the address has the page, so it is personal although nobody is signed in.
SECRET = {"welcome", "emergency", "not-me", "payment-not-me", "sign-in-problem"}
# Django's own, which lead on or find nothing.
WITHOUT_RULE = {"", "autocomplete", "logout", "jsi18n", "vendors_document_history"}
# Of the pages that Django would let people edit, most are shown and edited by buttons; some show themselves again.
EDITED = {"vendors_vendor"}
SHOWN_AGAIN = {
    "vendors_document",
    "vendors_evidence",
    "vendors_emailchangerequest",
    "vendors_paymentrelease",
    "vendors_datarequest",
    "vendors_paymentdetails",
    "vendors_possibleduplicate",
    "vendors_taxcheck",
    "onboarding_submission",
}


@dataclass(frozen=True)
class Page:
    route: str
    name: str

    @property
    def is_admin(self) -> bool:
        return self.route.startswith("admin/")


@dataclass
class World:
    """One of everything that a page can be about, and what belongs to somebody else."""

    onboarding: Vendor
    approved: Vendor
    rows: dict[str, Any]  # by what stands in the route
    words: dict[str, list[str]]  # by the name of the page
    others: list[str]
    clients: dict[str, Client] = field(default_factory=dict)


def pages() -> list[Page]:
    def below(resolver: URLResolver, prefix: str) -> Iterator[Page]:
        for pattern in resolver.url_patterns:
            route = prefix + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                yield from below(pattern, route)
            elif isinstance(pattern, URLPattern):
                yield Page(route, pattern.name or "")

    return list(below(get_resolver(), ""))


@pytest.fixture
def world() -> World:
    vera = create_staff()
    onboarding = create_vendor(state=VendorState.ONBOARDING)
    changing.sent_first(onboarding)
    Submission.objects.filter(vendor=onboarding).delete()
    Vendor.objects.filter(pk=onboarding.pk).update(state=VendorState.ONBOARDING)
    approved = create_vendor(state=VendorState.ONBOARDING)
    changing.approved_first(approved)
    submitted = create_vendor(state=VendorState.ONBOARDING)
    submission = changing.sent_first(submitted)
    sent = Invitation.objects.get(user=approved.user)
    change = create_email_change(vendor=approved)
    request = EmailChangeRequest.objects.create(vendor=approved, new="new@mail.example", proven_at=timezone.now())
    failure = create_failure(user=approved.user)
    exception = IsoException.objects.create(
        vendor=approved,
        source="de",
        target="pl",
        service="translation",
        reason="The only one.",
        until=timezone.localdate(),
        granted_at=timezone.now(),
    )
    exchange_rate = ExchangeRate.objects.create(currency="SEK", per_euro=11, valid_on=timezone.localdate())
    documents = {vendor: str(Document.objects.get(vendor=vendor).pk) for vendor in (onboarding, approved, submitted)}
    figures.work_out()
    rows = {
        "admin/person/": approved.user_id,
        "admin/identity/failure/": failure.pk,
        "admin/identity/invitation/": sent.pk,
        "admin/identity/signinattempt/": create_attempt(user=approved.user).pk,
        "admin/identity/entraaccount/": approved.user.accounts.get().pk,
        "admin/identity/user/": approved.user_id,
        "admin/vendors/document/": documents[submitted],
        "admin/vendors/evidence/": Evidence.objects.filter(vendor=submitted)[0].pk,
        "admin/vendors/emailchangerequest/": request.pk,
        "admin/vendors/paymentrelease/": releasing.waiting(approved).pk,
        "admin/vendors/paymentdetails/": approved.payment_details.pk,
        "admin/vendors/taxcheck/": tax_check(approved).pk,
        "admin/vendors/datarequest/": data_request(approved).pk,
        "admin/vendors/retentionentry/": about_to_go(approved).pk,
        "admin/vendors/retentionhold/": RetentionHold.objects.create(vendor=submitted, reason="In dispute").pk,
        "admin/vendors/possibleduplicate/": duplicates.compare(approved, onboarding).pk,
        "admin/vendors/exchangerate/": exchange_rate.pk,
        "admin/vendors/vendor/import/": VendorImport.objects.create(name="a.csv", rows=1, heading=["name", "email"]).pk,
        "admin/vendors/vendor/bulk/": BulkRun.objects.create(action="invite", examined_at=timezone.now()).pk,
        "admin/vendors/agreementversion/": versions.start("privacy", by=vera).pk,
        "admin/vendors/vendorexport/": VendorExport.objects.create(lines=1, is_capped=False, columns=[], by=vera).pk,
        "admin/vendors/vendor/find/views/": SavedView.objects.create(owner=vera, name="mine", query="source=en").pk,
        "admin/vendors/vendor/": approved.pk,
        "admin/onboarding/submission/": submission.pk,
        "admin/auth/group/": Group.objects.create(name="of nobody").pk,
        "admin/procrastinate/procrastinatejob/": ProcrastinateJob.objects.latest("pk").pk,
    }
    words = {
        "sign-in-problem": [failure.reference],
        "welcome": [links.token(sent)],
        "emergency": [last_part(emergency.make_link("op@sandberg.example", role=roles.OPERATIONS, reason="down"))],
        "not-me": [last_part(disputes.link(change))],
        "payment-not-me": [last_part(payment_disputes.link(approved, about=PaymentDispute.ADDED))],
        "agreement": [text.sha256 for text in agreements.current()],
        "step": list(STEPS),
        "reply": list(STEPS),
        "vendors_vendor_action": list(ACTIONS),
        "vendors_vendor_exception_withdraw": [str(exception.pk)],
        "vendors_agreementversion_start": ["cooperation"],
        "vendors_agreementversion_waiting": [text.sha256 for text in agreements.current()][:1],
        "vendors_text_email": [email.slug for email in catalogue().values()][:3],
        "vendors_vendor_correct": CORRECTABLE,
        "vendors_vendor_note": [str(notes.add(approved, text="Call first.", by=vera).pk)],
        "vendors_vendor_locked": [locked(approved).section],
        "vendors_vendor_locked_file": [signing.dumps([1, 0, vera.pk], salt="locked file")],
        "vendors_possibleduplicate_close": [str(approved.pk)],
        "identity_user_access": list(ACCESS_ACTIONS),
        "onboarding_report_csv": ["funnel"],
        "onboarding_submission_decide": ["approve", "request-changes", "decline"],
        "onboarding_submission_judge": list(STEPS)[:1],
        "app_list": ["identity", "vendors", "onboarding", "auth", "procrastinate"],
    }
    people = {ONBOARDING: onboarding.user, APPROVED: approved.user, WITHOUT_ROLE: without_role()}
    people |= {role: create_staff(role=role) for role in roles.PERMISSIONS}
    clients = {NOBODY: Client()} | {kind: signed_in(user) for kind, user in people.items()}
    for client in clients.values():
        client.raise_request_exception = False
    others = [str(value) for value in (documents[submitted], submission.pk, vera.pk, submitted.pk)]
    return World(onboarding, approved, rows, words | {"document": list(documents.values())}, others, clients)


def tax_check(vendor: Vendor) -> TaxCheck:
    found = {"of": "tax_id", "number": "1", "result": "valid", "source": "VIES"}
    return TaxCheck.objects.create(vendor=vendor, checked_on=timezone.localdate(), **found)


def data_request(vendor: Vendor) -> DataRequest:
    return data_requests.record(vendor, kind="access", received_on=timezone.localdate(), identity="called", by=None)


def about_to_go(vendor: Vendor) -> RetentionEntry:
    days = dict.fromkeys(("counted_from", "listed_on", "goes_on"), timezone.localdate())
    return RetentionEntry.objects.create(vendor=vendor, what="ended", **days)


def locked(vendor: Vendor) -> LockedRecord:
    """As of somebody who is erased; to the page it makes no difference."""
    days = dict.fromkeys(("counted_from", "until"), timezone.localdate())
    return LockedRecord.objects.create(vendor=vendor, section="tax", content={"who": {}, "rows": {}}, **days)


def without_role() -> User:
    user = create_staff()
    user.roles = []
    user.save(update_fields=["roles"])
    return user


def last_part(url: str) -> str:
    return urlsplit(url).path.rstrip("/").rpartition("/")[2]


PART = re.compile(r"<(?:\w+:)?(\w+)>|\^?\(\?P<(\w+)>[^)]*\)(?:/?\$)?")


def paths(page: Page, world: World, *, odd: str = "") -> list[tuple[str, str]]:
    """The page's addresses, each with the word that tells it from the others; or those that an odd id makes."""
    holes = [first or second for first, second in PART.findall(page.route)]
    row = next((str(pk) for start, pk in world.rows.items() if page.route.startswith(start)), "1")
    words = world.words.get(page.name) or world.words["document"]
    if odd:
        choices = []
        for at in range(len(holes)):
            real = [row if hole in ("pk", "object_id") else words[0] for hole in holes]
            choices.append(real[:at] + [odd] + real[at + 1 :])
    elif "document" in page.route and not page.is_admin:
        choices = [[word] for word in world.words["document"]]
    elif "url" in holes:
        choices = [["nothing"]]
    else:
        free = [hole for hole in holes if hole not in ("pk", "object_id")]
        choices = [[word if hole in free else row for hole in holes] for word in (words if free else [""])]
    found = []
    for values in choices:
        given = iter(values)
        path = PART.sub(lambda _hole, given=given: quote(next(given), safe="%"), page.route)
        if page.name == "app_list":
            path += "/"
        found.append((f"/{path}", values[-1] if values else ""))
    return found


def ask(
    client: Client, method: str, path: str, fields: dict[str, str] | str | None = None, **kind: str
) -> HttpResponseBase:
    """What comes back; the world is the same afterwards."""
    cookies = client.cookies.copy()
    with transaction.atomic():
        response = getattr(client, method)(path, fields, **kind)
        if response.streaming:
            list(response)
        transaction.set_rollback(True)
    client.cookies = cookies
    return response


def needed(page: Page, method: str, word: str) -> set[str] | None:
    """The permissions that open a page of the admin; None if it is for nobody."""
    if page.name == "vendors_vendor_action":
        return {BUTTONS[word]}
    if page.name == "app_list":
        return APPS.get(word)
    if page.name in LOOK or page.name in DO:
        return DO.get(page.name) if method == "post" and page.name in DO else LOOK.get(page.name)
    model, _, what = page.name.rpartition("_")
    app, _, name = model.partition("_")
    if what == "delete" or (what == "change" and method == "post" and model not in EDITED | SHOWN_AGAIN):
        return None
    verb = "add" if what == "add" else "change" if method == "post" and what == "change" and model in EDITED else "view"
    return {f"{app}.{verb}_{name}"}


def is_refused(response: HttpResponseBase, page: Page) -> bool:
    """Django's admin sends whoever is not of the staff to its login page, which refuses them, and from a row that
    somebody may not see to the first page.
    """
    target = response.headers.get("Location", "")
    away = target.startswith("/admin/login/") or (target == "/admin/" and page.name != "login")
    return away or response.status_code in (403, 404, 405)


def complaints(response: HttpResponseBase, page: Page, method: str, kind: str, word: str) -> Iterator[str]:
    status = response.status_code
    if status >= 500:
        yield f"broke with {response.exc_info[1]!r}"
        return
    for name, value in SECURITY.items():
        if response.headers.get(name) != value and (name, page.name) != ("X-Frame-Options", FRAMED):
            yield f"has no {name}"
    if page.name != FRAMED and "default-src 'none'" not in response.headers.get("Content-Security-Policy", ""):
        yield "has no content security policy"
    kept_by = response.headers.get("Cache-Control", "")
    is_personal = (
        status in (200, 403, 404) or (status == 302 and page.name in SECRET) or (status == 302 and kind != NOBODY)
    )
    if is_personal and page.name not in IMPERSONAL and not {"no-store", "private"} <= set(kept_by.split(", ")):
        yield f"may be kept by a cache: {kept_by!r}"
    if not page.is_admin:
        return
    if kind == NOBODY:
        if not response.headers.get("Location", "").startswith("/sign-in/"):
            yield "does not ask to sign in"
    elif page.name not in WITHOUT_RULE:
        need = needed(page, method, word)
        may = need is not None and kind not in (ONBOARDING, APPROVED) and need <= roles.permissions([kind])
        if may == is_refused(response, page):
            yield f"is {'refused' if may else 'open'}; needed: {need}"


@pytest.mark.parametrize("kind", KINDS)
def test_who_gets_in_and_what_a_cache_may_keep(world, kind):
    wrong = []
    for page in pages():
        if kind in roles.PERMISSIONS and kind != roles.ADMINISTRATOR and not page.is_admin:
            continue  # they are all the same there
        for path, word in paths(page, world):
            for method in ("get", "post"):
                response = ask(world.clients[kind], method, path)
                told = complaints(response, page, method, kind, word)
                wrong += [f"{method} {path} → {response.status_code}: {complaint}" for complaint in told]
    assert not wrong, "\n".join(wrong)


# What is nobody's in particular: the way in and out, help, and links from mails.
OPEN_TO_ALL = {
    "",
    "help/signing-in/",
    "help/your-data/",
    "email-change/not-me/<str:token>/",
    "payment/not-me/<str:token>/",
    "onboarding/withdrawn/",
    ".well-known/security.txt",
}


@pytest.mark.parametrize(
    "state", [VendorState.SUSPENDED, VendorState.ENDED, VendorState.DECLINED, VendorState.PREPARED, VendorState.ERASED]
)
def test_page_of_a_vendor_is_shut_to_who_may_not_come_in(world, state):
    """Also with a session that somehow outlived the decision."""
    Vendor.objects.filter(pk=world.approved.pk).update(state=state)
    own = {"document": [str(Document.objects.get(vendor=world.approved).pk)]}
    world.words |= own | {"agreement": [world.approved.acceptances.first().sha256]}
    client = signed_in(world.approved.user)
    elsewhere = OPEN_TO_ALL | {str(pattern.pattern) for pattern in identity.urls.urlpatterns}
    vendors_own = [page for page in pages() if not page.is_admin and page.route not in elsewhere]
    assert {"document", "answers-json", "profile"} <= {page.name for page in vendors_own}
    wrong = []
    for page in vendors_own:
        for path, _word in paths(page, world):
            for method, refusals in (("get", [403]), ("post", [403, 405])):
                response = ask(client, method, path)
                if response.status_code not in refusals:
                    wrong.append(f"{method} {path} → {response.status_code}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("kind", [NOBODY, APPROVED, roles.ADMINISTRATOR])
def test_no_id_breaks_anything(world, kind):
    wrong = []
    for page in pages():
        if "<" not in page.route or (page.is_admin and kind == NOBODY):
            continue
        for odd in [*ODD, *world.others]:
            for path, _word in paths(page, world, odd=odd):
                for method in ("get", "post"):
                    response = ask(world.clients[kind], method, path)
                    if response.status_code >= 500:
                        wrong.append(f"{method} {path[:100]} broke with {response.exc_info[1]!r}")
                    if kind == APPROVED and odd in world.others and response.status_code == 200:
                        wrong.append(f"{method} {path} shows what is somebody else's")
                    if response.status_code in (400, 404):
                        break  # by whatever method
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("odd", ["\0", "²", "-1", "9" * 5000, "'\"><"], ids=ascii)
def test_no_parameter_breaks_anything(world, odd):
    wrong, names = [], ["q", "p", "o", "owner", "waits", "email_change", "stuck", "state", "state__exact", "work"]
    names += ["outcome"]
    for page in pages():
        for path, _word in paths(page, world) if page.name.endswith("_changelist") else []:
            for name in names:
                response = ask(world.clients[roles.ADMINISTRATOR], "get", f"{path}?{urlencode({name: odd})}")
                if response.status_code >= 500:
                    wrong.append(f"{path}?{name}= broke with {response.exc_info[1]!r}")
    assert not wrong, "\n".join(wrong)


QUERIES = [
    "next",
    "sid",
    "iss",
    "email",
    "failure",
    "do",
    "code",
    "state",
    "error",
    "token",
    "reference",
    "page",
    "purpose",
    "work",
    "q",
]
FIELDS = [
    "next",
    "account",
    "invitation",
    "purpose",
    "stay",
    "own",
    "session",
    "revision",
    "made_for",
    "verdict",
    "reason",
    "seen",
    "token",
    "how",
    "until",
    "new",
    "old",
    "address",
    "shown",
    "reach",
    "note",
    "name",
    "primary_email",
    "owner",
    "language",
    "file",
    "number",
    "expires_on",
    "wizard-current_step",
]


@pytest.mark.parametrize("kind", [NOBODY, APPROVED, roles.ADMINISTRATOR])
def test_nothing_that_a_page_is_sent_breaks_it(world, kind):
    wrong = []
    for page in pages():
        if page.is_admin and kind != roles.ADMINISTRATOR:
            continue
        for path, _word in paths(page, world)[:1]:
            for odd in (b"\0", "²".encode(), b"9" * 5000, b"\xff"):
                query, body = urlencode(dict.fromkeys(QUERIES, odd)), urlencode(dict.fromkeys(FIELDS, odd))
                for method, response in (
                    ("get", ask(world.clients[kind], "get", f"{path}?{query}")),
                    ("post", ask(world.clients[kind], "post", path, body, content_type=FORM)),
                ):
                    if response.status_code >= 500:
                        wrong.append(f"{method} {path} with {odd[:3]!r} broke with {response.exc_info!r}")
    assert not wrong, "\n".join(wrong)


def test_too_many_fields_are_refused_on_every_page(world):
    body = "&".join(["token=1"] * (settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1))
    wrong = []
    for page in pages():
        if not page.is_admin:
            for path, _word in paths(page, world)[:1]:
                response = ask(world.clients[APPROVED], "post", path, body, content_type=FORM)
                if response.status_code >= 500:
                    wrong.append(path)
    assert not wrong


@pytest.mark.parametrize(
    "path",
    [
        "/sign-in/problem/%00/",
        "/auth/front-channel-logout/?sid=%00",
        "/sign-in/?next=%00",
        "/admin/vendors/vendor/%C2%B2/change/",
        "/admin/vendors/vendor/explain/?email=%00",
        "/welcome/%00/",
    ],
)
def test_odd_address_is_refused(as_vera, path):
    assert as_vera.get(path).status_code in (302, 400, 404)


@pytest.mark.parametrize("odd", ["\0", "²", "-1", "9" * 5000], ids=ascii)
def test_no_number_in_a_form_breaks_anything(world, odd):
    forms = [
        (f"/onboarding/{step}/", {"wizard-current_step": step, "revision": "0"} | {name: odd}, ONBOARDING)
        for step, name in [
            ("languages", "languages-pairs"),
            ("languages", "revision"),
            ("qualifications", "qualifications-work"),
            ("qualifications", "qualifications-certificates"),
            ("qualifications", "qualifications-graduated_in"),
            ("contact", "contact-weekly_hours"),
            ("rates", "rates-minimum_fee"),
        ]
    ]
    submission = world.rows["admin/onboarding/submission/"]
    section = {"verdict": "accepted", "seen": odd}
    forms.append((f"/admin/onboarding/submission/{submission}/section/about/", section, roles.ADMINISTRATOR))
    wrong = []
    for path, fields, kind in forms:
        response = ask(world.clients[kind], "post", path, fields)
        if response.status_code >= 500:
            wrong.append(f"{path} broke with {response.exc_info[1]!r}")
    assert not wrong, "\n".join(wrong)
