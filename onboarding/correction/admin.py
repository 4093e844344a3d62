"""Where VM corrects a section of an approved profile: the wizard's own questions, judged by the wizard's own rules."""

from __future__ import annotations

from collections.abc import Collection, Mapping
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
from onboarding.draft.steps import STEPS, Step, asked_of, make_form, titles, typed_from
from onboarding.forms import StepForm
from onboarding.models import Submission
from onboarding.submission.differences import as_stored
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
    sections = _sections(vendor, in_force, request, _named(request, vendor, name))
    if request.method == "POST" and _are_right(sections, source, in_force):
        try:
            _correct(request, vendor, sections, source)
        except corrections.NoLongerFits as misfit:
            sections = _with_those_that_build_on_it(misfit, vendor, in_force, request, sections)
        except REFUSALS as refusal:
            messages.error(request, str(refusal))
        else:
            return redirect("admin:vendors_vendor_change", pk)
    shows_numbers = WITH_NUMBERS in sections and vendor.profile.has_personal_numbers
    if shows_numbers and f"{WITH_NUMBERS}-tax_residence" not in request.POST:
        lifecycle.record(vendor, VendorEvent.Kind.TAX_NUMBERS_REVEALED, by=user, reason=str(TO_CORRECT))
    context = {
        **site.each_context(request),
        "opts": Vendor._meta,
        "title": _("Correct “%(section)s”: %(vendor)s") % {"section": ours(STEPS[name].title), "vendor": vendor},
        "vendor": vendor,
        "step": STEPS[name],
        "form": sections[name],
        "sections": [(STEPS[section], form) for section, form in sections.items()],
        "source_form": source,
        "has_errors": bool(source.errors) or any(form.errors for form in sections.values()),
        "seen": approved_submission(vendor),
        "shows_numbers": shows_numbers,
    }
    return TemplateResponse(request, "admin/onboarding/vendor/correct.html", context)


def _refusal(vendor: Vendor, approved: Submission | None) -> Exception | None:
    if vendor.state != VendorState.APPROVED:
        return lifecycle.WrongState(vendor)
    return corrections.NothingToCorrect(vendor) if approved is None else None


def _named(request: HttpRequest, vendor: Vendor, name: str) -> list[str]:
    """The section of this page, and those that are corrected with it, as far as this colleague may correct them."""
    may = [step.name for step in offered(vendor, cast(User, request.user))]
    return [name, *(other for other in request.POST.getlist("also") if other in may)]


def _sections(
    vendor: Vendor, in_force: Mapping[str, Any], request: HttpRequest, names: Collection[str]
) -> dict[str, StepForm]:
    """A form for each, in the order of the wizard: the later ones build on what is typed in the earlier ones."""
    answers, found = dict(in_force), {}
    files = documents.current_documents(vendor)
    for step in corrections.CORRECTABLE:
        if step.name not in names:
            continue
        sent = {key: request.POST.getlist(key) for key in request.POST if key.startswith(f"{step.name}-")}
        typed = sent or typed_from({step.name: in_force[step.name]})[step.name]
        earlier = {key: answers[key] for key in ("about", *step.builds_on, *step.looks_at) if key in answers}
        form = make_form(step, typed, vendor=vendor, earlier=earlier, documents=files)
        if request.method != "POST":
            form.unjudged()
        elif form.is_valid():
            answers[step.name] = as_stored(form.answer())
        found[step.name] = form
    return found


def _are_right(sections: Mapping[str, StepForm], source: SourceForm, in_force: Mapping[str, Any]) -> bool:
    are_valid = [form.is_valid() for form in sections.values()]
    return all([*are_valid, source.is_valid(), _asks_the_same(sections.get("about"), in_force)])


def _asks_the_same(about: StepForm | None, in_force: Mapping[str, Any]) -> bool:
    """Whoever works in another way may be asked other pages, which only the vendor can fill in."""
    kind = about.cleaned_data.get("kind") if about is not None and about.is_valid() else None
    if about is None or kind is None or asked_of(kind) == asked_of(in_force["about"]["kind"]):
        return True
    about.add_error("kind", _("Only the vendor can change this, because other questions depend on it."))
    return False


def _correct(request: HttpRequest, vendor: Vendor, sections: Mapping[str, StepForm], source: SourceForm) -> None:
    seen = request.POST.get("seen", "")
    corrections.correct(
        vendor,
        {name: form.answer() for name, form in sections.items()},
        source=source.cleaned_data["source"],
        by=cast(User, request.user),
        seen=int(seen) if is_whole_number(seen) else 0,
    )
    text = _("The profile has been corrected. The vendor will get an email that says what has changed.")
    messages.success(request, text)


def _with_those_that_build_on_it(
    misfit: corrections.NoLongerFits,
    vendor: Vendor,
    in_force: Mapping[str, Any],
    request: HttpRequest,
    sections: dict[str, StepForm],
) -> dict[str, StepForm]:
    """The page with the sections that no longer fit as well, if this colleague may correct all of them."""
    may = [step.name for step in offered(vendor, cast(User, request.user))]
    if not set(misfit.steps) <= set(may):
        messages.error(request, str(misfit))
        return sections
    values = {"sections": ours(", ".join(titles(misfit.steps)))}
    messages.warning(request, _("Nothing has been saved yet. Check “%(sections)s” as well.") % values)
    return _sections(vendor, in_force, request, [*sections, *misfit.steps])
