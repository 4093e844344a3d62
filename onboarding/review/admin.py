"""Where VM reads what a vendor sent, reviews its sections and decides. The rules are in the modules beside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.timesince import timesince
from django.utils.translation import gettext_lazy

from identity import text_direction
from identity.admin_lists import ReadOnlyAdmin, references, tag
from identity.models import User
from identity.text_direction import gettext as _
from identity.typed import cleaning
from identity.whole_numbers import is_whole_number
from onboarding.change import lifecycle as changes
from onboarding.draft.steps import CERTIFICATES, PAYMENT, STEPS, titles
from onboarding.models import SectionReview, Submission
from onboarding.review import buttons, page
from onboarding.submission import lifecycle as submissions
from onboarding.submission import payment as sent_payment
from onboarding.submission import section_reviews
from onboarding.submission import tax as sent_tax
from onboarding.submission.findings import claims_of, findings
from onboarding.submission.summary import ENDS_ONLY
from vendors import search
from vendors.admin import evidence
from vendors.admin.documents import document_rows, unmeasured
from vendors.admin.filters import WhoseVendorFilter
from vendors.documents.lifecycle import VerdictMissing
from vendors.evidence import current_evidence, marks, verification
from vendors.evidence.marks import Marks
from vendors.models import Document, Evidence
from vendors.payment import details as payment
from vendors.profile import tax
from vendors.qualifications import evidence_pieces
from vendors.reveals import REASON_MISSING, ReasonToLook


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
    list_display = ["reference", "vendor_name", "primary_email", "kind", "shown_state", "age", "submitted_at"]
    list_filter = [StateFilter, "kind", WhoseVendorFilter]
    list_select_related = ["vendor"]
    not_shown = ("answers", *search.WORDS_OF_THE_VENDOR)
    everything: Mapping[str, str] = {"state__exact": "all"}
    search_help_text = gettext_lazy(
        "The reference, or anything that identifies the vendor: a name, an address or a number."
    )

    def ways_to_find(self, request: HttpRequest, term: str) -> Sequence[Q]:
        printed = references(term)
        return [
            Q(reference__in=printed),
            *search.ways_to_find(term, by=cast(User, request.user), vendor="vendor__"),
            *(Q(reference__startswith=beginning) for beginning in printed),
        ]

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        """A queue when they wait: who has waited longest comes first."""
        state = request.GET.get("state__exact", Submission.State.WAITING)
        return ["submitted_at"] if state == Submission.State.WAITING else ["-submitted_at"]

    @admin.display(description=gettext_lazy("vendor"))
    def vendor_name(self, submission: Submission) -> str:
        return str(submission.vendor)

    @admin.display(description=gettext_lazy("primary email"))
    def primary_email(self, submission: Submission) -> str:
        return submission.vendor.address

    @admin.display(description=gettext_lazy("state"))
    def shown_state(self, submission: Submission) -> str:
        return state_tag(submission)

    @admin.display(description=gettext_lazy("waiting for"))
    def age(self, submission: Submission) -> str:
        return timesince(submission.submitted_at, depth=1) if submission.is_waiting else ""

    def get_urls(self) -> list:
        view = self.admin_site.admin_view
        *urls, any_object = super().get_urls()
        return [
            path("<int:pk>/payment/", view(self.payment_view), name="onboarding_submission_payment"),
            path("<int:pk>/tax-numbers/", view(self.tax_numbers_view), name="onboarding_submission_tax_numbers"),
            path("<int:pk>/sample/", view(self.sample_view), name="onboarding_submission_sample"),
            path("<int:pk>/accept-the-rest/", view(self.accept_view), name="onboarding_submission_accept"),
            path("<int:pk>/section/<slug:step>/", view(self.judge_view), name="onboarding_submission_judge"),
            *urls,
            path("<int:pk>/<slug:name>/", view(self.decision_view), name="onboarding_submission_decide"),
            any_object,
        ]

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
        form = ReasonToLook(request.POST)
        if not form.is_valid():
            messages.error(request, str(REASON_MISSING))
            return redirect("admin:onboarding_submission_change", pk)
        details = sent_payment.reveal(submission, by=cast(User, request.user), reason=form.cleaned_data["reason"])
        return self._page(request, submission, payment_rows=payment.rows(details))

    def tax_numbers_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The same page with a person's tax numbers in full, once. Only as an answer to a POST."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not request.user.has_perm(tax.MAY_SEE):
            raise PermissionDenied
        submission = self._submission(request, pk)
        form = ReasonToLook(request.POST)
        if not form.is_valid():
            messages.error(request, str(REASON_MISSING))
            return redirect("admin:onboarding_submission_change", pk)
        sent_tax.record_look(submission, by=cast(User, request.user), reason=form.cleaned_data["reason"])
        return self._page(request, submission, shows_tax_numbers=True)

    def judge_view(self, request: HttpRequest, pk: int, step: str) -> HttpResponse:
        """Keep what VM thinks of one section. What a colleague said meanwhile is shown instead of written over."""
        submission = self._to_review(request, pk)
        if step not in submission.answers:
            raise Http404
        verdict, reason, seen = (request.POST.get(name, "") for name in ("verdict", "reason", "seen"))
        if verdict not in SectionReview.Verdict.values or not is_whole_number(seen):
            raise SuspiciousOperation("The section review was not sent by the page.")
        try:
            section_reviews.judge(
                submission,
                step,
                verdict=verdict,
                reason=cleaning.prose(reason)[:1000],
                by=cast(User, request.user),
                seen=int(seen),
            )
        except submissions.NotWaiting as refusal:
            messages.error(request, str(refusal))
        except (submissions.ReasonMissing, section_reviews.MarkedMeanwhile) as refusal:
            status = 409 if isinstance(refusal, section_reviews.MarkedMeanwhile) else 200
            return self._page(
                request, submission, refused=page.RefusedReview(step, reason, str(refusal)), status=status
            )
        return redirect(f"{reverse('admin:onboarding_submission_change', args=[pk])}#section-{step}")

    def sample_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Keep what VM has found out about some linguists of an agency's list; also after the decision."""
        submission = self._to_review(request, pk)
        holds, how = request.POST.get("holds", ""), request.POST.get("how", "")
        if not _has_list(submission) or holds not in ("yes", "no"):
            raise SuspiciousOperation("There is no list to sample, or the verdict was not sent by the page.")
        try:
            verification.record_sample(
                submission.vendor,
                submission.answers[CERTIFICATES]["linguists"],
                holds=holds == "yes",
                how=cleaning.prose(how)[:500],
                by=cast(User, request.user),
            )
        except VerdictMissing as refusal:
            return self._page(request, submission, sample_problem=str(refusal))
        return redirect(f"{reverse('admin:onboarding_submission_change', args=[pk])}#section-{CERTIFICATES}")

    def accept_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        submission = self._to_review(request, pk)
        steps = page.to_look_at(page.parts(submission, clearance=ENDS_ONLY))
        try:
            section_reviews.accept_the_rest(submission, steps, by=cast(User, request.user))
        except submissions.NotWaiting as refusal:
            messages.error(request, str(refusal))
        return redirect("admin:onboarding_submission_change", pk)

    def decision_view(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        submission = self._submission(request, pk)
        if name not in buttons.of(submission):
            raise Http404
        if not request.user.has_perm("vendors.review_vendor"):
            raise PermissionDenied
        button = buttons.of(submission)[name]
        form = None
        if button.form:
            seen = section_reviews.fingerprint(section_reviews.of(submission).values())
            form = button.form(request.POST or None, label_suffix="", initial={"seen": seen})
        if request.method == "POST" and (form is None or form.is_valid()):
            try:
                button.decide(submission, by=request.user, **(form.cleaned_data if form else {}))
            except buttons.REFUSALS as refusal:
                messages.error(request, str(refusal))
            else:
                messages.success(request, text_direction.Sentence(str(button.confirmation)) % submission.vendor)
            return redirect("admin:onboarding_submission_change", submission.pk)
        is_agreed_with = name == "approve" and sent_payment.is_somebody_elses(submission)
        context = self._context(request, submission, title=button.label) | {
            "button": button,
            "form": form,
            "marked": [
                (STEPS[step].title, mark) for step, mark in section_reviews.marked(submission).items() if step in STEPS
            ],
            "asks_for_changes": name == "request-changes",
            "account_waits": name == "approve" and submission.is_change and PAYMENT in submission.changed,
            "declines": titles(submission.changed) if name == "decline" and submission.is_change else [],
            "unsent": titles(changes.unsent_steps(submission.vendor)),
            "somebody_elses": submission.answers["payment"] if is_agreed_with else None,
        }
        return TemplateResponse(request, "admin/onboarding/submission/decide.html", context)

    def _to_review(self, request: HttpRequest, pk: int) -> Submission:
        if request.method != "POST" or not request.user.has_perm("vendors.review_vendor"):
            raise PermissionDenied
        return self._submission(request, pk)

    def _submission(self, request: HttpRequest, pk: int | str) -> Submission:
        if not self.has_view_permission(request):
            raise PermissionDenied
        if not is_whole_number(str(pk)):
            raise Http404
        rows = Submission.objects.select_related(
            "vendor__user", "vendor__payment_details", "reviewed_by", "compared_with", "previous"
        )
        return get_object_or_404(rows, pk=pk)

    def _page(
        self,
        request: HttpRequest,
        submission: Submission,
        *,
        refused: page.RefusedReview | None = None,
        status: int = 200,
        shows_tax_numbers: bool = False,
        **extra: Any,
    ) -> HttpResponse:
        user = cast(User, request.user)
        clearance = page.clearance_of(user, tax_numbers=shows_tax_numbers)
        account = sent_payment.given(submission) if clearance.account else {}
        parts = page.parts(submission, clearance=clearance, everything="all" in request.GET, refused=refused)
        declined = page.declined_before(submission)
        may_review = submission.is_waiting and user.has_perm("vendors.review_vendor")
        is_marked = any(part.is_marked for part in parts)
        given = _documents(submission)
        checks = current_evidence.checks_of(submission.vendor, with_samples=_has_list(submission))
        claims, of_vendor = claims_of(submission.answers, documents=given), marks.of_vendor(submission.vendor)
        found, today = findings(submission.answers, checks, documents=given), timezone.localdate()
        context = self._context(request, submission, title=str(submission.vendor))
        context |= {
            "state_tag": state_tag(submission),
            "is_carried_over": submission.kind == Submission.Kind.CARRIED_OVER,
            "findings": found,
            "marks": of_vendor,
            "findings_carried_over": of_vendor.of_findings(found, claims, checks, today=today),
            "unmeasured": unmeasured(submission.answers.get("services", {}).get("pairs", ())),
            "evidence_rows": _evidence(submission, given, of_vendor),
            "sample": current_evidence.last_sample(submission.vendor, _list_of(submission))
            if _has_list(submission)
            else None,
            "may_sample": _has_list(submission) and user.has_perm("vendors.review_vendor"),
            **document_rows(given, user),
            "groups": [
                [part for part in parts if part.is_news],
                [part for part in parts if not part.is_news],
            ],
            "parts": parts,
            "refused": refused,
            "changed": [part.compared for part in parts if part.compared.is_changed],
            "to_look_at": len(page.to_look_at(parts)),
            "is_marked": is_marked,
            "shows_everything": "all" in request.GET,
            "warnings": page.warnings(submission) if submission.is_waiting else [],
            "remarks": page.worth_a_look(submission, clearance=clearance),
            "declined_before": declined,
            "declined_sections": titles(declined.changed) if declined else [],
            "may_review": may_review,
            "buttons": buttons.possible(submission, is_marked=is_marked) if may_review else {},
            "may_see_documents": user.has_perm("vendors.view_document"),
            "may_see_payment": bool(account) and user.has_perm("vendors.see_payment_details"),
            "may_see_tax_numbers": (
                sent_tax.is_personal(submission) and user.has_perm(tax.MAY_SEE) and not shows_tax_numbers
            ),
            "shows_tax_numbers": shows_tax_numbers,
            "look_payment": ReasonToLook(auto_id="look_payment_%s"),
            "look_tax": ReasonToLook(auto_id="look_tax_%s"),
            "payment_masked": payment.masked(account) if account else "",
            "others": Submission.objects.filter(vendor=submission.vendor).exclude(pk=submission.pk).defer("answers"),
            **extra,
        }
        return TemplateResponse(request, "admin/onboarding/submission/page.html", context, status=status)

    def _context(self, request: HttpRequest, submission: Submission, *, title: str | Promise) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "submission": submission,
            "vendor": submission.vendor,
        }


def _has_list(submission: Submission) -> bool:
    return bool(submission.answers.get(CERTIFICATES, {}).get("linguists"))


def _evidence(
    submission: Submission, documents: list[Document], of_vendor: Marks
) -> list[tuple[Evidence, str, str, str]]:
    """To be verified from here. Of a change it is what is in force, which is on the vendor's page."""
    if submission.is_change or not submission.is_waiting:
        return []
    return evidence.rows_of(submission.vendor, claims_of(submission.answers, documents=documents), of_vendor)


def _list_of(submission: Submission) -> str:
    """The fingerprint of an agency's list of linguists."""
    return evidence_pieces.of_list(submission.answers.get(CERTIFICATES, {}).get("linguists", ()))


def _documents(submission: Submission) -> list[Document]:
    return list(Document.objects.filter(pk__in=submission.document_ids).select_related("judged_by"))


def state_tag(submission: Submission) -> str:
    tags = {Submission.State.WAITING: "submitted", Submission.State.REPLACED: "", Submission.State.WITHDRAWN: ""}
    state = Submission.State(submission.state)
    if submission.kind == Submission.Kind.CARRIED_OVER:  # in force, and nobody has approved it
        return tag("warning", submission.get_kind_display())
    return tag(tags.get(state, state), submission.get_state_display())
