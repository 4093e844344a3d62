"""What an approved vendor does to change something, and VM to judge it."""

from __future__ import annotations

import threading
import time
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from onboarding.forms.base import as_typed
from onboarding.models import Draft, Submission
from onboarding.review import buttons
from onboarding.review import decide as review
from onboarding.submission import section_reviews
from onboarding.submission import submit as submission
from tests.factories import create_staff
from tests.onboarding import answers
from vendors.documents import lifecycle as documents
from vendors.models import PaymentRelease, Vendor
from vendors.payment import releases

INDEX = "/profile/changes/"
OTHER_IBAN = "DE89 3704 0044 0532 0130 00"


def url(step: str) -> str:
    return f"{INDEX}{step}/"


def sent_first(vendor: Vendor, **changed: dict[str, Any]) -> Submission:
    """As the wizard leaves it when everything is sent, without a browser."""
    typed = answers.usual(changed) | changed
    for fields in typed.values():
        for slot in [name for name, value in fields.items() if isinstance(value, SimpleUploadedFile)]:
            documents.store(vendor, slot=slot, upload=fields.pop(slot), content_type="application/pdf")
    stored = {
        step: {f"{step}-{name}": as_typed(value) for name, value in fields.items()} for step, fields in typed.items()
    }
    values = {"answers": stored, "revisions": dict.fromkeys(stored, 1)}
    draft, _created = Draft.objects.update_or_create(vendor=vendor, defaults=values)
    return submission.submit(draft, account=None)


def approved_first(vendor: Vendor, **changed: dict[str, Any]) -> Submission:
    sent = sent_first(vendor, **changed)
    review.approve(sent, by=None)
    vendor.refresh_from_db()
    return sent


def save(client: Client, step: str, typed: dict[str, Any], **buttons: str) -> HttpResponse:
    page = client.get(url(step))
    assert page.status_code == 200, page
    answer = client.post(url(step), answers.body(step, typed, revision=answers.revision_shown(page), **buttons))
    return answers.shown_to_a_browser(client, answer)


def prove(client: Client, *, purpose: str = "payment_change", ago: int = 0) -> None:
    """As right after signing in once more."""
    session = client.session
    session["proven"] = {"purpose": purpose, "at": int(time.time()) - ago}
    session.save()


def name_account(client: Client, **changed: str) -> HttpResponse:
    prove(client)
    typed = answers.PAYMENT | {"iban": OTHER_IBAN} | changed
    return client.post(url("payment"), {f"payment-{name}": value for name, value in typed.items()})


def token(client: Client) -> str:
    return str(client.get(INDEX).context["token"])


def send(client: Client, **extra: str) -> HttpResponse:
    return client.post(INDEX, {"token": token(client), **extra}, follow=True)


def latest() -> Submission:
    return Submission.objects.select_related("vendor", "compared_with", "previous").latest("pk")


def mark(submission: Submission, **reasons: str) -> None:
    for step, reason in reasons.items():
        section_reviews.judge(submission, step, verdict="change", by=None, reason=reason)


def ask_for_changes(submission: Submission, **reasons: str) -> None:
    mark(submission, **reasons)
    buttons.of(submission)["request-changes"].decide(submission, by=None)


def release(vendor: Vendor) -> None:
    """Somebody who has not approved it releases the account, when the wait is over."""
    later = timezone.now() + releases.WITHOUT_CALL
    releases.release(PaymentRelease.objects.get(vendor=vendor, state="pending"), by=create_staff(), now=later)


def at_once(*functions):
    barrier, results = threading.Barrier(len(functions)), [None] * len(functions)

    def run(number):
        barrier.wait()
        try:
            results[number] = functions[number]()
        except Exception as error:
            results[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(functions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
