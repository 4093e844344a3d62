"""An approved vendor changes something: the wizard's pages over the approved answers, and what is sent to VM."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from identity.redirects import leads_to_the_tenant
from identity.sign_in import step_up
from onboarding.change import changes
from onboarding.draft.steps import COMPLETED, PROBLEM, STATE_LABELS, STEPS, make_form, read
from onboarding.draft.storage import ChangeStorage
from onboarding.models import Draft, SectionReview
from onboarding.submission import section_reviews
from onboarding.submission import submit as submission
from onboarding.submission.differences import compare
from onboarding.wizard.views import answer
from onboarding.wizard.wizard import Wizard, failed
from vendors import lifecycle
from vendors.access import vendor_of
from vendors.documents import lifecycle as documents
from vendors.models import Vendor, VendorState
from vendors.payment import details as accounts_to_pay

STEP_UP = step_up.Purpose.PAYMENT_CHANGE
PAGE = "changes"
INDEX = "changes:index"


def for_approved(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Only for those who have something to change; a crash is told like one of the wizard."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        vendor = vendor_of(request)
        if vendor.state != VendorState.APPROVED:
            return redirect("onboarding:index")
        try:
            with transaction.atomic():
                return view(request, vendor, *args, **kwargs)
        except Http404:
            raise
        except Exception as error:
            return failed(request, error, page=PAGE)

    return checked


def nothing_to_change(request: HttpRequest) -> HttpResponse:
    messages.info(request, _("Your profile was not made here. Please write to Vendor Management to change it."))
    return redirect("vendors:profile")


def state(*, is_left: bool) -> dict[str, Any]:
    name = PROBLEM if is_left else COMPLETED
    return {"state": name, "state_label": STATE_LABELS[name]}


def step_url(step: str) -> str:
    return reverse("changes:payment") if step == changes.PAYMENT else reverse("changes:step", kwargs={"step": step})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_approved
def index(request: HttpRequest, vendor: Vendor) -> HttpResponse:
    """What would change, what waits, what VM asks; and the button that sends it."""
    if request.method == "POST":
        return withdraw(request, vendor) if "withdraw" in request.POST else send(request, vendor)
    over = changes.approved(vendor)
    if over is None:
        return nothing_to_change(request)
    over.vendor = vendor
    draft = Draft.objects.filter(vendor=vendor).first() or Draft(vendor=vendor)
    draft.vendor = vendor
    change = changes.under_way(vendor)
    changes.open_over(draft, over, change)
    before = changes.in_force(over)
    proposal = changes.propose(draft, before=before, documents=documents.current_documents(vendor))
    marks = changes.marks(change)
    left = [mark.step for mark in section_reviews.unanswered(marks.values(), draft)]
    compared = compare(before, proposal.answers, changed=proposal.changed)
    is_waiting = change is not None and change.is_waiting
    context = {
        "vendor": vendor,
        "change": change,
        "is_waiting": is_waiting,
        "is_sent": is_waiting and not draft.saved_since,
        "changed": [
            {"compared": each, "url": step_url(each.step), "is_incomplete": each.step in proposal.to_complete}
            for each in compared
            if each.is_changed or each.step in proposal.to_complete
        ],
        "to_change": [
            {"mark": mark, "title": STEPS[step].title, "url": step_url(step), **state(is_left=step in left)}
            for step, mark in marks.items()
        ],
        "is_complete": not proposal.to_complete,
        "others": [
            {"title": step.title, "url": step_url(step.name)}
            for step in changes.CHANGEABLE
            if step.name not in proposal.changed and step.name not in proposal.to_complete
        ],
        "token": draft.submission_token,
    }
    return render(request, "onboarding/changes.html", context)


def send(request: HttpRequest, vendor: Vendor) -> HttpResponse:
    try:
        token = uuid.UUID(request.POST.get("token", ""))
    except ValueError:
        token = uuid.uuid4()
    try:
        with transaction.atomic():
            changes.send(vendor, token=token)
    except (changes.OutOfDate, changes.NothingChanged, lifecycle.WrongState) as refusal:
        messages.warning(request, str(refusal))
    except (submission.NotComplete, submission.NotAnswered) as refusal:
        messages.error(request, str(refusal))
        return redirect(step_url(refusal.step))
    else:
        messages.success(request, _("Vendor Management has your changes and answers by mail."))
    return redirect(INDEX)


def withdraw(request: HttpRequest, vendor: Vendor) -> HttpResponse:
    try:
        with transaction.atomic():
            changes.withdraw(vendor)
    except (section_reviews.NotWaiting, lifecycle.WrongState) as refusal:
        messages.warning(request, str(refusal))
        return redirect(INDEX)
    messages.success(request, _("Done. Your profile stays as it is."))
    return redirect("vendors:profile")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_approved
def reply(request: HttpRequest, vendor: Vendor, step: str) -> HttpResponse:
    mark = changes.marks(changes.under_way(vendor)).get(step)
    if mark is None:
        return redirect(INDEX)
    return answer(request, mark, index=INDEX, step_page="changes:step")


@never_cache
@leads_to_the_tenant
@require_http_methods(["GET", "HEAD", "POST"])
@for_approved
def payment(request: HttpRequest, vendor: Vendor) -> HttpResponse:
    """Name another account, right after signing in once more. The old one is in force until VM approves."""
    details = getattr(vendor, "payment_details", None)
    if details is None:
        return redirect("vendors:payment")
    is_proven = step_up.is_proven(request, STEP_UP)
    if request.method == "POST" and not is_proven:
        messages.warning(request, _("That took more than five minutes. Please sign in once more; nothing was saved."))
        return redirect("changes:payment")
    storage = ChangeStorage("wizard", request)
    if storage.over is None:
        return nothing_to_change(request)
    typed = dict(request.POST.lists()) if request.method == "POST" else None
    form = make_form(STEPS[changes.PAYMENT], typed, vendor=vendor, earlier={}, documents={})
    form.fields["method"].choices = accounts_to_pay.METHODS  # type: ignore[attr-defined]  # nothing is left for later
    if form.is_valid():
        step_up.use(request, STEP_UP)
        storage.put(changes.PAYMENT, form.typed())
        storage.save(read(storage.draft, documents=documents.current_documents(vendor)), left_off_at="")
        messages.success(request, _("Saved, but not sent yet. Please look at your changes and send them."))
        return redirect(INDEX)
    context = {
        "form": form,
        "details": details,
        "is_proven": is_proven,
        "step_up": STEP_UP,
        "mark": changes.marks(changes.under_way(vendor)).get(changes.PAYMENT),
    }
    return render(request, "onboarding/change_payment.html", context)


class ChangeWizard(Wizard):
    """The same pages, over the approved answers; after one come those that build on it and do not fit any more."""

    storage_name = "onboarding.draft.storage.ChangeStorage"
    storage: ChangeStorage
    index_name = INDEX

    def get_prefix(self, request: HttpRequest, *args: Any, **kwargs: Any) -> str:
        return "wizard"

    def is_open_for(self, vendor: Vendor) -> bool:
        return vendor.state == VendorState.APPROVED

    def marks(self, vendor: Vendor) -> dict[str, SectionReview]:
        return changes.marks(changes.under_way(vendor))

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if kwargs["step"] not in [step.name for step in changes.CHANGEABLE]:
            raise Http404
        vendor = vendor_of(request)
        if self.is_open_for(vendor) and changes.approved(vendor) is None:
            return nothing_to_change(request)
        return super().dispatch(request, *args, **kwargs)

    def following(self) -> str:
        before = changes.in_force(self.storage.over) if self.storage.over else {}
        proposal = changes.propose(self.storage.draft, before=before, documents=self.documents, reading=self.reading)
        return proposal.to_complete[0] if proposal.to_complete else ""

    def step_url(self, step: str) -> str:
        return step_url(step) if step else reverse(INDEX)

    def wants_check(self) -> bool:
        return False

    def get_context_data(self, form: Any, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(form=form, **kwargs) | {"is_change": True, "steps": []}
