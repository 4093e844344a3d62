"""A page of the wizard: formtools' wizard over the vendor's draft."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied, SuspiciousOperation, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from formtools.wizard.forms import ManagementForm
from formtools.wizard.views import NamedUrlWizardView

from identity import redirects
from identity.failures import reasons
from identity.models import EntraAccount
from identity.sessions import store
from identity.sign_in import step_up
from identity.whole_numbers import is_whole_number
from onboarding.draft import progress
from onboarding.draft.steps import CHECK, EVERYONE, PROBLEM, STEPS, Step, read
from onboarding.draft.storage import DraftStorage
from onboarding.forms import StepForm
from onboarding.models import Draft, SectionReview
from onboarding.submission import lifecycle as submissions
from onboarding.submission import section_reviews
from onboarding.submission import submit as sending
from onboarding.wizard import check_page, mistakes, privacy_notices
from onboarding.wizard.failed_page import failed
from onboarding.wizard.page_files import PageFiles
from vendors import lifecycle
from vendors.access import vendor_of
from vendors.documents import lifecycle as documents
from vendors.models import Vendor, VendorEvent, VendorState

SHOWN_IN_FULL = "shown_in_full"  # in the page's form: what is empty there is to be empty


class StepPage(NamedUrlWizardView):
    """formtools' named wizard over the vendor's draft.

    What formtools does on its own and this does not: a GET changes nothing, a step is found by its URL and not by what
    was visited last, everything typed is kept whether valid or not, and sending is a POST.
    """

    storage_name = "onboarding.draft.storage.DraftStorage"
    file_storage = None  # formtools insists on the name; files are records of their own here
    keeps_what_was_typed = True  # see identity.sessions.resubmission and uploads.BodyLimitUploadHandler
    storage: DraftStorage
    index_name = "onboarding:index"

    def get_prefix(self, request: HttpRequest, *args: Any, **kwargs: Any) -> str:
        """In the names of formtools' own fields, which pages that are open in a browser carry."""
        return "wizard"

    def is_open_for(self, vendor: Vendor) -> bool:
        return vendor.state in Draft.EDITABLE_IN

    def marks(self, vendor: Vendor) -> dict[str, SectionReview]:
        """What VM has asked to change, by step."""
        return section_reviews.marked(submissions.sent_back_to(vendor))

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        vendor = vendor_of(request)
        if kwargs["step"] not in STEPS:
            raise Http404
        self.step: Step = STEPS[kwargs["step"]]
        if not self.is_open_for(vendor):
            return self.closed(vendor)
        self.stubborn_fields: dict[str, str] = {}
        self.keeps_failing = False
        self.files_are_unusable = False
        self.noted: dict[str, Any] = {}
        try:
            with transaction.atomic():
                response = super().dispatch(request, *args, **kwargs)
                if hasattr(response, "render"):
                    response.render()
            if self.files_are_unusable:
                documents.report_unusable(vendor)
            if self.keeps_failing and (failure := progress.tell_vm(vendor, self.step, self.stubborn_fields)):
                self.storage.note_case(self.step.name, failure.reference)
        except (Http404, PermissionDenied, SuspiciousOperation):
            raise
        except Exception as error:
            return failed(request, error, page=self.step.name)
        return response

    def closed(self, vendor: Vendor) -> HttpResponse:
        if self.request.method == "POST" and self.step is not CHECK:
            text = _("This step wasn't saved, because it can't be changed at the moment.")
            if vendor.state == VendorState.SUBMITTED:
                text = _("You have already sent your answers, so this change wasn't saved.")
            elif vendor.state == VendorState.APPROVED:
                text = _("Your profile has now been approved, so this step wasn't saved. Please make your change here.")
            messages.warning(self.request, text)
        return redirect(self.index_name)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.arrive()
        if not self.reading.may_start(self.step):
            text = _("That step comes later: it depends on answers that aren't complete yet.")
            messages.info(request, text if self.is_asked else _("We don't need that step from you."))
            return redirect(self.index_name)
        is_checked = redirects.CHECKED in request.GET
        data = MultiValueDict() if is_checked and self.step is CHECK else self.storage.current_step_data
        form = self.get_form(data=data)
        if form.is_bound and is_checked:
            self.noted = self.storage.noted(self.step.name)
            mistakes.show_refused(form, self.noted)
        elif form.is_bound and self.reading.states[self.step.name] != PROBLEM:
            # Missing answers are not reported until the vendor has pressed the button that checks the page.
            form.unjudged()
        return self.render(form)

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        request = self.request
        self.arrive()
        management_form = ManagementForm(request.POST, prefix=self.prefix)
        revision = request.POST.get("revision", "")
        made_for = str(self.storage.draft.vendor.pk)
        is_whole = management_form.is_valid() and is_whole_number(revision)
        if not is_whole or management_form.cleaned_data["current_step"] != self.step.name:
            raise SuspiciousOperation("The form was not sent by this step's page.")
        if not self.is_open_for(self.storage.draft.vendor):
            return self.closed(self.storage.draft.vendor)
        if request.POST.get("made_for", made_for) != made_for:
            messages.warning(request, _("Someone else filled in that step, so it wasn't saved as yours."))
            return redirect(self.index_name)
        cannot_start = not self.reading.may_start(self.step)
        if cannot_start and self.step is CHECK:
            return redirect(self.index_name)
        form = self.get_form(data=request.POST, files=request.FILES)
        if self.step is CHECK:
            return self.send(form)
        another_row = "another" in request.POST and not cannot_start
        shown = self.form_as_shown(form)
        typed = self.merged(shown, shown.typed(another_row=another_row))
        was_saved_since = self.storage.was_saved_since(self.step.name, int(revision))
        is_stale = was_saved_since and typed != self.storage.current_step_data
        if cannot_start:
            return self.save_for_later(typed, is_stale=is_stale)
        if form.keeps_unasked_answers or form.hides_saved or shown is not form:
            # Judged with what is kept: a page may show a part of its questions.
            form = self.get_form(data=MultiValueDict(typed), files=request.FILES)
        if is_stale or (was_saved_since and self.page_files().would_change(form)):
            return self.render_both_versions(form)
        return self.save(form, typed, another_row=another_row)

    def save_for_later(self, typed: dict[str, list[str]], *, is_stale: bool) -> HttpResponse:
        """The page was opened before answers it builds on were taken back: nothing can be judged or shown."""
        if is_stale:
            text = _(
                "This step has been saved somewhere else since you opened it, so what you typed here wasn't saved."
            )
            messages.warning(self.request, text)
            return redirect(self.index_name)
        text = _("What you typed is saved. That step depends on answers that are no longer complete.")
        if not self.is_asked:
            text = _("What you typed is saved, but we don't need that step for the way you work now.")
        self.keep(typed)
        self.storage.save(self.reading, left_off_at=self.step.name)
        messages.info(self.request, text)
        return redirect(self.index_name)

    def arrive(self) -> None:
        self.storage.current_step = self.step.name
        self.documents = documents.current_documents(self.storage.draft.vendor)
        # Before a save only what the step builds on matters; everything is read after it.
        only = (*self.step.builds_on, *self.step.looks_at, self.step.name) if self.request.method == "POST" else None
        self.reading = read(self.storage.draft, documents=self.documents, only=only)
        self.shown_to = self.reading.kind

    @property
    def is_asked(self) -> bool:
        return self.step is CHECK or self.reading.kind in self.step.asked_of

    def get_form_kwargs(self, step: str | None = None) -> dict[str, Any]:
        earlier = self.reading.known_to(self.step)
        return {
            "vendor": self.storage.draft.vendor,
            "earlier": earlier | {"about": earlier["about"] | {"kind": self.shown_to}},
            "documents": self.documents,
        }

    def form_as_shown(self, form: StepForm) -> StepForm:
        """With the questions that were on the page when it was opened; the vendor may work in another way by now."""
        shown_to = self.request.POST.get("shown_to", self.reading.kind)
        if not form.asks_by_kind or shown_to == self.reading.kind or shown_to not in EVERYONE:
            return form
        self.shown_to = shown_to
        shown = self.get_form(data=self.request.POST, files=self.request.FILES)
        self.shown_to = self.reading.kind
        return shown

    def merged(self, form: StepForm, typed: dict[str, list[str]]) -> dict[str, list[str]]:
        if form.hides_saved and SHOWN_IN_FULL not in self.request.POST:
            typed = form.with_saved(typed, self.storage.draft.answers.get(self.step.name, {}))
        stored = self.storage.draft.answers.get(self.step.name, {})
        if not form.keeps_unasked_answers:
            return form.waiting(stored) | typed
        asked = form.asked()
        stored = form.as_asked(stored)
        return {name: values for name, values in stored.items() if name not in asked} | typed

    def save(self, form: StepForm, typed: dict[str, list[str]], *, another_row: bool) -> HttpResponse:
        page_files = self.page_files()
        is_gone = page_files.use_those_set_aside(form)
        if page_files.used:
            form = self.get_form(data=self.request.POST, files=self.request.FILES)
        is_valid = form.is_valid()
        kept, refused = page_files.keep(form)
        refused |= is_gone
        self.files_are_unusable |= page_files.are_unusable
        if kept:
            files = {name: upload for name, upload in self.request.FILES.items() if name not in kept}
            form = self.get_form(data=self.request.POST, files=files)
        for field, error in refused.items():
            form.add_error(field or None, ValidationError(str(error), code="refused_file"))
        is_valid = is_valid and not refused
        self.keep(typed)
        button = self.quiet_button(form)
        self.keep_count(form, is_valid=is_valid, is_judged=not button)
        if not is_valid and not button:
            self.storage.note(self.step.name, mistakes.note(form, self.request))
        goes_to = self.goes_to(button, is_valid=is_valid)
        self.storage.save(self.reading, left_off_at=goes_to)
        if button == "another":
            return redirect(f"{self.step_url(goes_to)}#{form.last_row_id(typed)}")
        if button == "exit":
            messages.success(
                self.request,
                _("Everything is saved. You can close this page and carry on whenever you like, on any device."),
            )
            return redirect(self.index_name)
        if button == "back":
            return redirect(self.step_url(goes_to))
        if not is_valid:
            return redirects.SeeOther(self.checked_url())
        if note := form.note_when_saved():
            messages.info(self.request, note)
        return redirect(self.step_url(goes_to))

    def keep(self, typed: dict[str, list[str]]) -> None:
        draft = self.storage.draft
        is_first = self.step.name not in draft.revisions
        self.storage.put(self.step.name, typed)
        if is_first:
            lifecycle.record(draft.vendor, VendorEvent.Kind.STEP_SAVED, data={"step": self.step.name})
        self.reading = read(draft, documents=self.documents)

    def page_files(self) -> PageFiles:
        return PageFiles(self.request, self.storage.draft.vendor, self.documents)

    def quiet_button(self, form: StepForm) -> str:
        """The button that saves what is there without judging it. What is not kept has to be told of at once."""
        pressed = [name for name in ("another", "exit", "back") if name in self.request.POST]
        return pressed[0] if pressed and not (form.has_refused_file or form.has_too_much_text) else ""

    def keep_count(self, form: StepForm, *, is_valid: bool, is_judged: bool) -> None:
        """Keep count of what is refused time and again, so that VM hears of it."""
        if is_valid:
            progress.note_success(self.storage.draft, self.step.name)
        elif is_judged:
            self.stubborn_fields = progress.count_refusals(self.storage.draft, self.step.name, form)
            self.keeps_failing = progress.is_stubborn(self.storage.draft, self.step.name)

    def goes_to(self, button: str, *, is_valid: bool) -> str:
        if button == "back":
            return self.neighbour(-1)
        if button or not is_valid:
            return self.step.name
        vendor = self.storage.draft.vendor
        if vendor.state == VendorState.CHANGES_REQUESTED:
            marks = self.marks(vendor).values()
            return section_reviews.next_left(marks, self.storage.draft, self.reading, after=self.step.name)
        return self.reading.next_to_do if self.wants_check() else self.following()

    def neighbour(self, distance: int) -> str:
        names = list(self.reading.states)
        return names[max(0, names.index(self.step.name) + distance)]

    def following(self) -> str:
        """The next step in order; past one that cannot be started, the first that can and is not done."""
        name = self.neighbour(1)
        return name if self.reading.may_start(STEPS[name]) else self.reading.next_to_do

    def send(self, form: StepForm) -> HttpResponse:
        if not form.is_valid():
            return redirects.SeeOther(self.checked_url())
        account = EntraAccount.objects.filter(pk=self.request.session.get(store.ACCOUNT)).first()
        try:
            sending.submit(self.storage.draft, account=account)
        except (sending.NotComplete, section_reviews.NotAnswered) as refusal:
            messages.error(self.request, str(refusal))
            return redirect(self.step_url(refusal.step))
        return redirect("onboarding:index")

    def render_both_versions(self, form: StepForm) -> HttpResponse:
        """Somebody saved this step since the page was opened. Show both; saving again is a decision."""
        stored = self.get_form(data=self.storage.current_step_data)
        form.is_valid()
        self.hide_saved(stored, typed={})
        self.hide_saved(form, typed=self.request.POST)
        refused = mistakes.refused_files(form)
        page_files = self.page_files()
        aside, not_kept = page_files.set_aside(form)
        self.files_are_unusable |= page_files.are_unusable
        differences = []
        for field, document in aside.items():
            saved_file = self.documents.get(document.slot)
            names = {"saved": saved_file.name if saved_file else "", "typed": document.name}
            differences.append({"label": form.full_label(field), **names})
        for name in dict.fromkeys([*form.fields, *stored.fields]):
            saved, typed = (version.shown(name) if name in version.fields else "" for version in (stored, form))
            holder = form if name in form.fields else stored
            if saved != typed and not holder[name].is_hidden:
                differences.append({"label": holder.full_label(name), "saved": saved, "typed": typed})
        form.unjudged()
        for name, error in (refused | not_kept).items():
            form.add_error(name or None, ValidationError(str(error), code="refused_file"))
        self.reading = read(self.storage.draft, documents=self.documents)
        response = self.render(form, differences=differences, is_stale=True, aside=aside)
        response.status_code = 409
        return response

    def render(self, form: StepForm, **kwargs: Any) -> HttpResponse:
        just_now = mistakes.typed_just_now(self.noted, self.storage.current_step_data, self.request)
        self.hide_saved(form, typed=self.request.POST or just_now)
        return super().render(form, **kwargs)

    def hide_saved(self, form: StepForm, *, typed: Mapping[str, str]) -> None:
        """Whatever is typed comes back as it was; what is saved is shown in full after signing in once more only."""
        if not step_up.is_fresh(self.request):
            form.hide_saved(typed)

    def step_url(self, step: str) -> str:
        query = "?return_to=check" if self.wants_check() and step != CHECK.name else ""
        return f"{self.get_step_url(step)}{query}"

    def checked_url(self) -> str:
        """This page, saying what is wrong with it."""
        query = {redirects.CHECKED: "1"} | ({"return_to": CHECK.name} if self.wants_check() else {})
        return f"{self.get_step_url(self.step.name)}?{urlencode(query)}"

    def wants_check(self) -> bool:
        """Came from the check page by a Change link, and goes back there."""
        data = self.request.POST if self.request.method == "POST" else self.request.GET
        return data.get("return_to") == CHECK.name

    def get_template_names(self) -> list[str]:
        return [self.step.template]

    def get_context_data(self, form: StepForm, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(form=form, **kwargs)
        vendor = self.storage.draft.vendor
        names = list(self.reading.states)
        marks = self.marks(vendor)
        left = [mark.step for mark in section_reviews.unanswered(marks.values(), self.storage.draft)]
        failure = mistakes.case(self.noted)
        if failure is not None:
            context |= {"told": failure, "told_text": reasons.get(failure.reason).person_text}
        if self.step is CHECK:
            context |= check_page.about(self.reading, vendor=vendor, documents=self.documents)
        return context | {
            "form": form,
            "step": self.step,
            "step_number": names.index(self.step.name) + 1,
            "step_count": len(names),
            "steps": progress.listing(self.reading, current=self.step.name, asked=left),
            "index_url": reverse(self.index_name),
            "step_url": self.get_step_url(self.step.name),
            "shown_in_full": SHOWN_IN_FULL if form.hides_saved and step_up.is_fresh(self.request) else "",
            "revision": self.storage.revision(self.step.name),
            "shown_to": self.reading.kind,
            "returns_to_check": self.wants_check(),
            "vendor": vendor,
            "mark": marks.get(self.step.name),
            "left_to_answer": [STEPS[name].title for name in left] if self.step is CHECK else [],
            "privacy_notices": privacy_notices.of_page(self.step.name, form),
            "is_complete": self.reading.is_complete,
        }
