"""What vendors asks of this app (settings.VENDOR_ONBOARDING)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence

from django import forms
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy

from identity.models import User
from identity.typed import cleaning
from onboarding.carried_over import lifecycle as carried_over
from onboarding.carried_over import reading
from onboarding.change import lifecycle as changes
from onboarding.change.in_force import approved_submission
from onboarding.change.proposal import CHANGEABLE, under_way
from onboarding.correction import lifecycle as corrections
from onboarding.draft import reminders
from onboarding.draft.steps import CERTIFICATES, PAYMENT, QUALIFICATIONS, RATES, WITH_FILES
from onboarding.models import Draft, Submission
from onboarding.submission import payment, withdrawal
from onboarding.submission.findings import claims_of
from onboarding.wizard import mistakes
from vendors.answers import countries
from vendors.evidence import standing
from vendors.models import ClosedAs, Document, Profile, RateProposal, Vendor
from vendors.onboarding_interface import (
    CarriedOver,
    Identifying,
    Onboarding,
    PaymentState,
    ProfileCarriedOver,
    ProfileChange,
    RatesUnderWay,
    Said,
)
from vendors.qualification_claims import Claims
from vendors.rate_proposals.lifecycle import NotOffered

_UNDER_WAY = gettext_lazy(
    "You're changing your profile at the moment, and sending those changes would bring back the old rate. Finish or "
    "withdraw your changes first, then accept the rate."
)


class VendorHooks(Onboarding):
    job_arguments = {"submission_id": "onboarding.Submission", "draft_id": "onboarding.Draft"}

    def start_url(self) -> str:
        return reverse("onboarding:index")

    def confirmation_url(self) -> str:
        return reverse("carried-over:confirm")

    def documents_url(self, document: Document) -> str:
        step = CERTIFICATES if document.slot in Document.OF_A_COMPANY else QUALIFICATIONS
        return reverse("onboarding:step", kwargs={"step": step})

    def change_urls(self) -> Mapping[str, str]:
        steps = {step.name: reverse("changes:step", kwargs={"step": step.name}) for step in CHANGEABLE}
        return steps | {PAYMENT: reverse("changes:payment"), "all": reverse("changes:index")}

    def change_under_way(self, vendor: Vendor) -> ProfileChange | None:
        change = under_way(vendor)
        if change and not change.is_waiting:
            return ProfileChange("returned", change.submitted_at)
        if Draft.objects.filter(vendor=vendor, based_on__isnull=False).exclude(saved_since=[]).exists():
            return ProfileChange("unsent")
        return ProfileChange("sent", change.submitted_at) if change else None

    def download_urls(self, vendor: Vendor) -> Mapping[str, str]:
        if not Submission.objects.filter(vendor=vendor).exists():
            return {}
        return {name: reverse(f"onboarding:answers-{name}") for name in ("html", "json", "whole")}

    def document_renewed(self, vendor: Vendor, *, slot: str, number: str, expires_on: dt.date | None) -> None:
        changes.take_over_renewal(vendor, slot=slot, number=number, expires_on=expires_on)

    def waits_for_vm(self, vendor: Vendor, *, slot: str, document: Document | None) -> bool:
        change = under_way(vendor)
        if change is None or not change.is_waiting:
            return False
        answers = (change.answers[step]["documents"] for step in WITH_FILES if step in change.answers)
        sent = next((documents[slot]["id"] for documents in answers if slot in documents), None)
        return sent == (str(document.pk) if document else None)

    def payment_change(self, vendor: Vendor, change: str) -> PaymentState:
        return payment.state_of(vendor, change)

    def put_aside(self, form: forms.BaseForm, page: str, vendor: Vendor, request: HttpRequest) -> None:
        mistakes.put_aside(form, page, vendor, request)

    def forget_aside(self, page: str, vendor: Vendor) -> None:
        mistakes.forget_aside(page, vendor)

    def typed_aside(self, page: str, vendor: Vendor, request: HttpRequest) -> dict[str, list[str]] | None:
        return mistakes.aside(page, vendor, request)

    def said(self, vendor: Vendor) -> Said:
        draft = Draft.objects.filter(vendor=vendor).first()
        if draft is not None and draft.answers:
            typed = {name: values[0] for name, values in _typed(draft) if values}
            name = typed.get("about-display_name") or typed.get("about-full_name") or ""
            zone = typed.get("contact-time_zone") or countries.only_time_zone(typed.get("contact-country", ""))
            return Said(cleaning.name(name), zone)
        submission = Submission.objects.filter(vendor=vendor).order_by("-submitted_at").first()
        about, contact = (submission.answers.get(step, {}) if submission else {} for step in ("about", "contact"))
        return Said(about.get("display_name") or about.get("full_name", ""), contact.get("time_zone", ""))

    def evidence_sent(self, vendor: Vendor) -> Claims | None:
        waiting = Submission.objects.awaiting_review().filter(vendor=vendor).first()
        if waiting is None:
            return None
        return claims_of(waiting.answers, documents=Document.objects.filter(pk__in=waiting.document_ids))

    def agree_on_rate(self, proposal: RateProposal) -> bool:
        approved = approved_submission(proposal.vendor)
        if approved is None:
            return False
        answer = approved.answers[RATES]
        about = (proposal.source, proposal.target, proposal.service)
        agreed = {"unit": proposal.unit, "amount": f"{proposal.amount.normalize():f}", "currency": proposal.currency}
        if all((rate["source"], rate["target"], rate["service"]) != about for rate in answer["rates"]):
            raise NotOffered
        rates = [
            rate | agreed if (rate["source"], rate["target"], rate["service"]) == about else rate
            for rate in answer["rates"]
        ]
        try:
            corrections.put_in_force(proposal.vendor, {RATES: {**answer, "rates": rates}}, by=None, seen=approved.pk)
        except corrections.Unchanged:
            pass
        except (corrections.ChangeUnderWay, corrections.BeingChanged, corrections.ChangedMeanwhile) as error:
            raise RatesUnderWay(_UNDER_WAY) from error
        return True

    def remind(self, vendor: Vendor, *, by: User | None) -> None:
        reminders.remind(vendor, by=by)

    def why_not_remind(self, vendors: Sequence[Vendor]) -> Mapping[int, str]:
        return reminders.why_not(vendors)

    def identifying(self, vendor: Vendor) -> Identifying:
        submission = Submission.objects.filter(vendor=vendor).order_by("-submitted_at").first()
        if submission is None:
            return Identifying()
        about, contact, numbers, account = (
            submission.answers.get(step, {}) for step in ("about", "contact", "tax", PAYMENT)
        )
        return Identifying(
            names=(about.get("full_name", ""), about.get("company_legal_name", "")),
            country=contact.get("country", ""),
            phone=contact.get("phone", ""),
            numbers=tuple(number for name in Profile.NUMBERS if (number := (about | contact | numbers).get(name))),
            iban=account.get("iban", ""),
        )

    def carried_over(self, cells: Mapping[str, str], *, name: str) -> CarriedOver:
        return reading.read(cells, name=name)

    def carry_over(self, vendor: Vendor, carried: CarriedOver, *, by: User | None) -> None:
        carried_over.put_in_force(vendor, carried, by=by)

    def was_carried_over(self, vendors: Collection[int]) -> Mapping[int, ProfileCarriedOver]:
        return carried_over.profiles_of(vendors)

    def closing(self, vendor: Vendor, *, closed_as: ClosedAs, by: User | None) -> None:
        withdrawal.close(vendor, closed_as=closed_as, by=by)

    def reopened(self, vendor: Vendor) -> None:
        withdrawal.take_up_again(vendor)
        standing.refresh(vendor)


def _typed(draft: Draft) -> list[tuple[str, list[str]]]:
    return [entry for step in ("about", "contact") for entry in draft.answers.get(step, {}).items()]
