"""VM reads what a vendor sent and decides. The rules are in review.py; this is the desk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.admin import ReadOnlyAdmin
from identity.models import User
from onboarding import admin_vendors, review  # noqa: F401  registers its page too
from onboarding.models import Submission
from onboarding.summary import findings, remarks, sections
from vendors import payment
from vendors.admin_evidence import of_papers
from vendors.lifecycle import WrongState
from vendors.models import Document


@dataclass(frozen=True)
class Decision:
    label: str | Promise
    consequences: list[str | Promise]
    run: Callable[..., None]
    done: str | Promise
    asks_reason: bool = True
    is_dangerous: bool = False


DECISIONS = {
    "approve": Decision(
        gettext_lazy("Approve"),
        [
            gettext_lazy("The answers become the vendor's profile as they stand."),
            gettext_lazy("The vendor gets a mail and sees the profile on signing in."),
        ],
        review.approve,
        gettext_lazy("%s is approved."),
        asks_reason=False,
    ),
    "request-changes": Decision(
        gettext_lazy("Ask for changes"),
        [
            gettext_lazy(
                "The wizard is open again with all answers kept; the vendor changes them and sends them again."
            ),
            gettext_lazy("The vendor reads your reason in a mail and at the top of every page."),
        ],
        review.request_changes,
        gettext_lazy("%s was asked for changes."),
    ),
    "decline": Decision(
        gettext_lazy("Decline"),
        [
            gettext_lazy("The vendor gets a mail with your reason and cannot sign in any more."),
            gettext_lazy("You can reopen the vendor later; nothing is deleted."),
        ],
        review.decline,
        gettext_lazy("%s is declined."),
        is_dangerous=True,
    ),
}


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=1000,
        help_text=gettext_lazy("The vendor reads this, so say what you want to see."),
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": gettext_lazy("Please give a reason.")},
    )


class StateFilter(admin.SimpleListFilter):
    """What waits comes first; the rest is for looking things up."""

    title = gettext_lazy("state")
    parameter_name = "state__exact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [*Submission.State.choices, ("all", _("all"))]

    def choices(self, changelist: Any) -> Iterator[Any]:
        for value, label in self.lookup_choices:
            yield {
                "selected": (self.value() or Submission.State.WAITING) == value,
                "query_string": changelist.get_query_string({self.parameter_name: value}),
                "display": label,
            }

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        state = self.value() or Submission.State.WAITING
        return queryset if state == "all" else queryset.filter(state=state)


@admin.register(Submission)
class SubmissionAdmin(ReadOnlyAdmin):
    list_display = ["reference", "vendor_name", "primary_email", "shown_state", "age", "submitted_at"]
    list_filter = [StateFilter]
    list_select_related = ["vendor"]
    search_fields = ["reference__istartswith", "vendor__primary_email__istartswith"]
    search_help_text = gettext_lazy("The reference, or the beginning of the primary email.")

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        """A queue when they wait: who has waited longest comes first."""
        state = request.GET.get("state__exact", Submission.State.WAITING)
        return ["submitted_at"] if state == Submission.State.WAITING else ["-submitted_at"]

    @admin.display(description=gettext_lazy("vendor"))
    def vendor_name(self, submission: Submission) -> str:
        return str(submission.vendor)

    @admin.display(description=gettext_lazy("primary email"))
    def primary_email(self, submission: Submission) -> str:
        return submission.vendor.primary_email

    @admin.display(description=gettext_lazy("state"))
    def shown_state(self, submission: Submission) -> str:
        return state_tag(submission)

    @admin.display(description=gettext_lazy("waiting for"))
    def age(self, submission: Submission) -> str:
        return timesince(submission.submitted_at, depth=1) if submission.is_waiting else ""

    def get_urls(self) -> list:
        view = self.admin_site.admin_view
        payment_url = path("<int:pk>/payment/", view(self.payment_view), name="onboarding_submission_payment")
        decide = path("<int:pk>/<slug:name>/", view(self.decision_view), name="onboarding_submission_decide")
        *urls, any_object = super().get_urls()
        return [payment_url, *urls, decide, any_object]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        return self._page(request, self._submission(request, object_id))

    def payment_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The same page with the payment details in clear, once. Only as an answer to a POST."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not request.user.has_perm("vendors.see_payment_details"):
            raise PermissionDenied
        submission = self._submission(request, pk)
        details = review.reveal_payment(submission, by=cast(User, request.user))
        return self._page(request, submission, payment_rows=payment.rows(details))

    def decision_view(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        decision = DECISIONS.get(name)
        if decision is None:
            raise Http404
        submission = self._submission(request, pk)
        if not request.user.has_perm("vendors.review_vendor"):
            raise PermissionDenied
        form = ReasonForm(request.POST or None, label_suffix="") if decision.asks_reason else None
        if request.method == "POST" and (form is None or form.is_valid()):
            given = {"reason": form.cleaned_data["reason"]} if form else {}
            try:
                decision.run(submission, by=request.user, **given)
            except (review.NotWaiting, WrongState) as error:
                messages.error(request, str(error))
            else:
                messages.success(request, str(decision.done) % submission.vendor)
            return redirect("admin:onboarding_submission_change", submission.pk)
        context = self._context(request, submission, title=decision.label)
        pay = submission.answers.get("payment", {})
        is_agreed_with = decision is DECISIONS["approve"] and payment.is_somebody_elses(pay)
        context |= {"decision": decision, "form": form, "somebody_elses": pay if is_agreed_with else None}
        return TemplateResponse(request, "admin/onboarding/submission/decide.html", context)

    def _submission(self, request: HttpRequest, pk: int | str) -> Submission:
        if not self.has_view_permission(request):
            raise PermissionDenied
        if not str(pk).isdecimal():
            raise Http404
        found = Submission.objects.select_related("vendor__user", "vendor__payment_details", "reviewed_by")
        return get_object_or_404(found, pk=pk)

    def _page(self, request: HttpRequest, submission: Submission, **extra: Any) -> HttpResponse:
        user = request.user
        given = review.payment_given(submission)
        context = self._context(request, submission, title=str(submission.vendor))
        context |= {
            "state_tag": state_tag(submission),
            "sections": sections(submission.answers),
            "remarks": remarks(submission.answers) if submission.is_waiting else [],
            "decisions": DECISIONS if submission.is_waiting and user.has_perm("vendors.review_vendor") else {},
            "findings": findings(submission.answers),
            **of_papers(_papers(submission), cast(User, user)),
            "may_see_payment": bool(given) and user.has_perm("vendors.see_payment_details"),
            "payment_masked": payment.masked(given) if given else "",
            "others": Submission.objects.filter(vendor=submission.vendor).exclude(pk=submission.pk).defer("answers"),
            **extra,
        }
        return TemplateResponse(request, "admin/onboarding/submission/page.html", context)

    def _context(self, request: HttpRequest, submission: Submission, *, title: str | Promise) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "submission": submission,
            "vendor": submission.vendor,
        }


def _papers(submission: Submission) -> list[Document]:
    sent = submission.answers.get("qualifications", {}).get("documents", {})
    ids = [document["id"] for document in sent.values()]
    return list(Document.objects.filter(pk__in=ids).select_related("judged_by"))


def state_tag(submission: Submission) -> str:
    tags = {Submission.State.WAITING: "submitted"}
    state = Submission.State(submission.state)
    return format_html('<span class="tag tag-{}">{}</span>', tags.get(state, state), submission.get_state_display())
