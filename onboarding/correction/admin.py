"""Where VM corrects a section of an approved profile: the wizard's own questions, judged by the wizard's own rules."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext_lazy

from identity.models import User
from identity.text_direction import gettext as _
from identity.text_direction import ours
from identity.whole_numbers import is_whole_number
from onboarding.change.in_force import answers_in_force, approved_submission
from onboarding.correction import lifecycle as corrections
from onboarding.correction.form import SourceForm
from onboarding.draft.admin import VendorInTheWizardAdmin
from onboarding.draft.steps import STEPS, Step, make_form, typed_from
from onboarding.forms import StepForm
from onboarding.models import Submission
from vendors import lifecycle
from vendors.documents import lifecycle as documents
from vendors.models import Vendor, VendorEvent, VendorState
from vendors.profile import tax

MAY_CORRECT = "vendors.change_vendor"
WITH_NUMBERS = "tax"
TO_CORRECT = gettext_lazy("to correct the profile")  # every look at personal numbers has a reason
NAMES = [step.name for step in corrections.CORRECTABLE]
REFUSALS = (
    corrections.NothingToCorrect,
    corrections.ChangedMeanwhile,
    corrections.ChangeUnderWay,
    corrections.BeingChanged,
    corrections.Unchanged,
    corrections.NoLongerFits,
    lifecycle.WrongState,
)


admin.site.unregister(Vendor)


@admin.register(Vendor)
class CorrectableVendorAdmin(VendorInTheWizardAdmin):
    change_form_template = "admin/onboarding/vendor/page_to_correct.html"

    def _about(self, vendor: Vendor, request: HttpRequest) -> dict[str, Any]:
        return super()._about(vendor, request) | {"correctable": offered(vendor, cast(User, request.user))}

    def get_urls(self) -> list:
        def view(request: HttpRequest, pk: int, step: str) -> HttpResponse:
            return correct_view(request, self.admin_site, pk, step)

        name = "vendors_vendor_correct"
        return [path("<int:pk>/correct/<slug:step>/", self.admin_site.admin_view(view), name=name), *super().get_urls()]


def offered(vendor: Vendor, user: User) -> list[Step]:
    """The sections that this colleague may correct now."""
    if vendor.state != VendorState.APPROVED or not user.has_perm(MAY_CORRECT) or not hasattr(vendor, "profile"):
        return []
    kind = vendor.profile.kind
    may_see = user.has_perm(tax.MAY_SEE)
    return [
        step for step in corrections.CORRECTABLE if kind in step.asked_of and (may_see or step.name != WITH_NUMBERS)
    ]


def correct_view(request: HttpRequest, site: AdminSite, pk: int, name: str) -> HttpResponse:
    user = cast(User, request.user)
    if not user.has_perm(MAY_CORRECT) or (name == WITH_NUMBERS and not user.has_perm(tax.MAY_SEE)):
        raise PermissionDenied
    if name not in NAMES:
        raise Http404
    vendor = get_object_or_404(Vendor.objects.select_related("user", "profile"), pk=pk)
    approved = approved_submission(vendor)
    refusal = _refusal(vendor, approved)
    if approved is None or refusal is not None:
        messages.error(request, str(refusal))
        return redirect("admin:vendors_vendor_change", pk)
    approved.vendor = vendor
    in_force = answers_in_force(approved)
    if name not in in_force:
        messages.info(request, _("These questions are not asked of vendors who work this way."))
        return redirect("admin:vendors_vendor_change", pk)
    source = SourceForm(request.POST if request.method == "POST" else None)
    form = _form(STEPS[name], vendor, in_force, request)
    if request.method == "POST":
        are_valid = [form.is_valid(), source.is_valid(), _is_of_the_same_kind(form, in_force)]
        if all(are_valid) and _is_done(request, vendor, name, form, source):
            return redirect("admin:vendors_vendor_change", pk)
    elif name == WITH_NUMBERS and vendor.profile.has_personal_numbers:
        lifecycle.record(vendor, VendorEvent.Kind.TAX_NUMBERS_REVEALED, by=user, reason=str(TO_CORRECT))
    step = STEPS[name]
    context = {
        **site.each_context(request),
        "opts": Vendor._meta,
        "title": _("Correct “%(section)s”: %(vendor)s") % {"section": ours(step.title), "vendor": vendor},
        "vendor": vendor,
        "step": step,
        "form": form,
        "source_form": source,
        "seen": approved_submission(vendor),
        "shows_numbers": name == WITH_NUMBERS and vendor.profile.has_personal_numbers,
    }
    return TemplateResponse(request, "admin/onboarding/vendor/correct.html", context)


def _refusal(vendor: Vendor, approved: Submission | None) -> Exception | None:
    if vendor.state != VendorState.APPROVED:
        return lifecycle.WrongState(vendor)
    return corrections.NothingToCorrect(vendor) if approved is None else None


def _form(step: Step, vendor: Vendor, in_force: dict[str, Any], request: HttpRequest) -> StepForm:
    typed = typed_from({step.name: in_force[step.name]})[step.name]
    is_sent = request.method == "POST"
    if is_sent:
        sent = request.POST
        typed = {name: sent.getlist(name) for name in sent if name.startswith(f"{step.name}-")}
    earlier = {name: in_force[name] for name in ("about", *step.builds_on, *step.looks_at) if name in in_force}
    files = documents.current_documents(vendor)
    form = make_form(step, typed, vendor=vendor, earlier=earlier, documents=files)
    return form if is_sent else form.unjudged()


def _is_of_the_same_kind(form: StepForm, in_force: dict[str, Any]) -> bool:
    """Whoever works in another way is asked other pages, which only the vendor can fill in."""
    if "kind" not in form.fields or form.cleaned_data.get("kind") in (None, in_force["about"]["kind"]):
        return True
    form.add_error("kind", _("Only the vendor can change this, because other questions depend on it."))
    return False


def _is_done(request: HttpRequest, vendor: Vendor, name: str, form: StepForm, source: SourceForm) -> bool:
    seen = request.POST.get("seen", "")
    try:
        corrections.correct(
            vendor,
            name,
            form.answer(),
            source=source.cleaned_data["source"],
            by=cast(User, request.user),
            seen=int(seen) if is_whole_number(seen) else 0,
        )
    except REFUSALS as refusal:
        messages.error(request, str(refusal))
        return False
    text = _("The profile has been corrected. The vendor will get an email that says what has changed.")
    messages.success(request, text)
    return True
