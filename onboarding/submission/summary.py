"""The answers in plain language: for the vendor before sending, for VM when reviewing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from identity import text_direction
from onboarding.draft.steps import AGENCIES, CERTIFICATES, asked_or_answered
from onboarding.submission.findings import findings
from vendors.agreements import texts as agreements
from vendors.answers import (
    countries,
    languages,
    money,
    phones,
    plausible_rates,
    postal_addresses,
    postal_codes,
    regions,
    service_catalogue,
    tax_numbers,
)
from vendors.models import (
    Document,
    Notice,
    Profile,
    Qualification,
    Revision,
    VatStatus,
    VendorKind,
)
from vendors.payment import details as payment
from vendors.profile import company
from vendors.qualifications import companies, evidence_pieces, wording
from vendors.qualifications.experience import Period
from vendors.qualifications.findings import duration

MANY_PAIRS = 12


@dataclass(frozen=True)
class Row:
    label: str
    value: str
    document: str = ""  # its id, when the value is the name of an uploaded file
    unmasked: str = ""  # what two versions are compared by, when the value is masked
    is_verbatim: bool = False  # a name, an address, a number or an amount: no browser may translate it
    is_claim: bool = False  # rates, a degree or work, which VM judges one by one


@dataclass(frozen=True)
class Clearance:
    """What whoever looks may see of it: the end of a person's tax numbers or all; of the account nothing or its end."""

    tax_numbers: bool = False
    account: bool = True


# What vendors check before they send it: their own numbers, in the pages where they have just typed them.
OWN = Clearance(tax_numbers=True)
ENDS_ONLY = Clearance()


@dataclass(frozen=True)
class Section:
    step: str
    title: str | Promise
    rows: list[Row] = field(default_factory=list)

    @property
    def is_complete(self) -> bool:
        return bool(self.rows)


def sections(answers: Mapping[str, Mapping[str, Any]], *, clearance: Clearance = ENDS_ONLY) -> list[Section]:
    """One for each step; without rows where there is no valid answer yet. Payment is masked."""
    rows_of = _rows_for(answers, clearance)
    return [
        Section(step.name, step.title, list(rows_of[step.name](answers[step.name])) if step.name in answers else [])
        for step in asked_or_answered(answers)
    ]


def _rows_for(answers: Mapping[str, Mapping[str, Any]], clearance: Clearance) -> dict[str, _Rows]:
    rows_of = dict(_ROWS)
    if has_personal_numbers(answers) and not clearance.tax_numbers:
        rows_of["tax"] = _tax_masked
    if not clearance.account:
        rows_of["payment"] = _payment_hidden
    return rows_of


def has_personal_numbers(answers: Mapping[str, Mapping[str, Any]]) -> bool:
    """Are the tax numbers a person's? While nobody has said who it is about, they may be."""
    is_company = answers.get("about", {}).get("kind") == VendorKind.COMPANY
    return not is_company and any(answers.get("tax", {}).get(name) for name in Profile.NUMBERS)


def remarks(answers: Mapping[str, Mapping[str, Any]], *, clearance: Clearance = ENDS_ONLY) -> list[str]:
    """What a reviewer should not overlook."""
    pay = answers["payment"]
    remarks = [*_remarks_on_person(answers), *_remarks_on_agency(answers)]
    if payment.is_somebody_elses(pay) and clearance.account:
        remarks.append(
            text_direction.gettext("The account belongs to someone else: %(holder)s. The vendor's reason: %(reason)s")
            % {"holder": pay["holder"], "reason": pay["holder_reason"]}
        )
    remarks += [text for step, text in warnings(answers) if step != "payment" or clearance.account]
    return remarks


def _is_agency(answers: Mapping[str, Mapping[str, Any]]) -> bool:
    return answers.get("about", {}).get("kind") in AGENCIES


def _remarks_on_person(answers: Mapping[str, Mapping[str, Any]]) -> Iterable[str]:
    if "qualifications" not in answers or _is_agency(answers):
        return
    if answers["qualifications"]["route"] == Qualification.Route.NONE:
        yield _("None of the three ISO 17100 routes applies yet.")
    elif any(finding.lacks_degree_copy for finding in findings(answers)):
        yield _("The route depends on a degree, and no degree certificate was sent.")
    native = {tag.partition("-")[0] for tag in answers["languages"]["native"]}
    for pair in answers["languages"]["pairs"]:
        if pair["target"].partition("-")[0] not in native:
            name = languages.pair_name(pair["source"], pair["target"])
            yield _("%(pair)s: the target language is not one of the vendor's native languages.") % {"pair": name}


def _remarks_on_agency(answers: Mapping[str, Mapping[str, Any]]) -> Iterable[str]:
    if not _is_agency(answers):
        return
    if "team" in answers and answers["team"]["revision"] == Revision.SELF:
        yield _("Translations are not revised by a second linguist, which ISO 17100 requires.")
    found = findings(answers)
    if any(finding.lacks_basis for finding in found):
        yield _("There is neither an ISO 17100 certificate nor an undertaking.")
    without = dict.fromkeys(name for finding in found if finding.lacks_linguist for name in finding.pair_names)
    if without:
        yield _("The list has no linguist for %(pairs)s.") % {"pairs": "; ".join(without)}


def warnings(answers: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Steps with what is possible but often a slip: told to the vendor before sending, and to the reviewer."""
    warnings = []
    about, services = answers.get("about"), answers.get("services", {})
    if "contact" in answers:
        warnings += [("contact", text) for text in _contact_doubts(answers["contact"])]
    if "languages" in answers:
        spoken = answers["languages"]
        tags = [*spoken["native"], *(pair[side] for pair in spoken["pairs"] for side in ("source", "target"))]
        for tag in dict.fromkeys(filter(languages.is_odd, tags)):
            text = _("We don't know the language “%(name)s”. It was kept as typed.") % {"name": languages.name(tag)}
            warnings.append(("languages", text))
    if "rates" in answers:
        warnings += [("rates", text) for text in plausible_rates.doubts(answers["rates"])]
    if "tax" in answers:
        warnings += [("tax", text) for text in tax_numbers.doubts(answers["tax"])]
    if services.get("sworn_until") and dt.date.fromisoformat(services["sworn_until"]) < timezone.localdate():
        warnings.append(("services", _("The authorisation as a sworn translator has expired.")))
    if about and "payment" in answers:
        names = [about["full_name"], about["company_legal_name"]]
        warnings += [("payment", text) for text in payment.warnings(answers["payment"], names=names)]
    return warnings


def _contact_doubts(answer: Mapping[str, Any]) -> Iterable[str]:
    if text := postal_codes.doubt(answer["postal_code"], country=answer["country"]):
        yield text
    if regions.is_odd(answer["region"], country=answer["country"]):
        yield _("The region is not on our list of states and provinces. It was kept as typed.")
    if phones.is_odd(answer["phone"]):
        yield _("The phone number is longer or shorter than usual. It was kept as typed.")


def _given(value: str) -> str:
    return value or _("Not given")


def _about(answer: Mapping[str, Any]) -> Iterable[Row]:
    yield Row(_("Working as"), str(VendorKind(answer["kind"]).label))
    is_company = answer["kind"] == VendorKind.COMPANY
    yield Row(_("Contact person") if is_company else _("Full name"), answer["full_name"], is_verbatim=True)
    yield Row(_("Preferred name"), answer["display_name"] or answer["full_name"], is_verbatim=True)
    if answer["company_legal_name"]:
        yield Row(_("Company"), answer["company_legal_name"], is_verbatim=True)


def _contact(answer: Mapping[str, Any]) -> Iterable[Row]:
    yield Row(_("Phone"), phones.shown(answer["phone"], answer.get("phone_as_typed", "")), is_verbatim=True)
    is_agency = "projects_name" in answer
    for_projects = _("Email for projects") if is_agency else _("Email for job offers")
    yield _address(for_projects, answer["contact_email"], otherwise=_("Same as the address for signing in"))
    for_invoices = _("Same as for projects") if is_agency else _("Same as for job offers")
    yield _address(_("Email for invoices"), answer.get("billing_email"), otherwise=for_invoices)
    if is_agency:
        yield from (Row(*named, is_verbatim=True) for named in company.contacts(answer))
    address = postal_addresses.lines(
        street=answer["address_lines"],
        postal_code=answer["postal_code"],
        town=answer["locality"],
        region=answer["region"],
        country=answer["country"],
    )
    yield Row(_("Address"), "\n".join(address), is_verbatim=True)
    yield Row(_("Time zone"), answer["time_zone"].replace("_", " "))
    if not is_agency:
        yield Row(_("Usual working hours"), _given(availability(answer)))


def _address(label: str, address: str | None, *, otherwise: str) -> Row:
    return Row(label, address or otherwise, is_verbatim=bool(address))


def availability(answer: Mapping[str, Any]) -> str:
    """Hours, days and notice, as far as they were given."""
    hours, days, notice = answer.get("weekly_hours"), answer.get("working_days"), answer.get("notice")
    lines = [
        _("%(hours)s hours a week") % {"hours": hours} if hours else "",
        ", ".join(map(service_catalogue.working_day_name, days)) if days else "",
        _("notice needed: %(notice)s") % {"notice": Notice(notice).label} if notice else "",
    ]
    return "\n".join(filter(None, lines))


def _languages(answer: Mapping[str, Any]) -> Iterable[Row]:
    if answer["native"]:
        yield Row(_("Native language"), ", ".join(map(languages.name, answer["native"])))
    pairs = [languages.pair_name(pair["source"], pair["target"]) for pair in answer["pairs"]]
    yield Row(_("Language pairs"), "\n".join(pairs))


def _services(answer: Mapping[str, Any]) -> Iterable[Row]:
    by_pair = {
        languages.pair_name(pair["source"], pair["target"]): "\n".join(
            map(service_catalogue.service_name, pair["services"])
        )
        for pair in answer["pairs"]
    }
    yield from _rows_of_pairs(by_pair)
    if answer.get("sworn_authority"):
        lines = [answer["sworn_authority"], answer["sworn_number"]]
        if answer["sworn_until"]:
            until = date_format(dt.date.fromisoformat(answer["sworn_until"]), "j F Y")
            lines.append(_("valid until %(day)s") % {"day": until})
        yield Row(_("Sworn in by"), "\n".join(filter(None, lines)), is_verbatim=True)
    yield Row(_("Subjects"), "\n".join(map(service_catalogue.specialism_name, answer["specialisms"])))
    yield Row(_("CAT tools"), _given(", ".join(map(service_catalogue.cat_tool_name, answer["cat_tools"]))))


def _rows_of_pairs(values: Mapping[str, str]) -> Iterable[Row]:
    """A row for each pair; of many pairs, those with the same share one."""
    if len(values) <= MANY_PAIRS:
        yield from (Row(pair, value) for pair, value in values.items())
        return
    pairs_of: dict[str, list[str]] = {}
    for pair, value in values.items():
        pairs_of.setdefault(value, []).append(pair)
    yield from (Row(", ".join(pairs), value) for value, pairs in pairs_of.items())


def _rates(answer: Mapping[str, Any]) -> Iterable[Row]:
    by_pair: dict[str, list[str]] = {}
    for rate in answer["rates"]:
        line = _("%(service)s: %(amount)s %(unit)s") % {
            "service": service_catalogue.service_name(rate["service"]),
            "amount": money.display(rate["amount"], rate["currency"]),
            "unit": service_catalogue.unit_name(rate["unit"]),
        }
        by_pair.setdefault(languages.pair_name(rate["source"], rate["target"]), []).append(line)
    rows = _rows_of_pairs({pair: "\n".join(lines) for pair, lines in by_pair.items()})
    yield from (replace(row, is_verbatim=True, is_claim=True) for row in rows)
    fee = answer["minimum_fee"]
    yield Row(
        _("Minimum fee"),
        money.display(fee, answer["currency"]) if fee else _("No minimum"),
        is_verbatim=bool(fee),
        is_claim=bool(fee),
    )


def _qualifications(answer: Mapping[str, Any]) -> Iterable[Row]:
    yield Row(_("Route (ISO 17100)"), str(Qualification.Route(answer["route"]).label))
    for degree in answer["degrees"]:
        yield Row(_("Degree"), wording.degree(degree), is_claim=True)
    periods = [Period.of(row) for row in answer["experience"]]
    yield Row(_("Experience"), "\n".join(map(wording.period, periods)) or _("None yet"), is_claim=bool(periods))
    if answer["experience_months"]:
        yield Row(_("Full-time translation experience"), duration(answer["experience_months"]))
    documents = answer["documents"]
    degree_slots = [evidence_pieces.COPY_OF[degree["subject"]] for degree in answer["degrees"]]
    for slot, label in [("cv", _("CV")), *((slot, _("Degree certificate")) for slot in degree_slots)]:
        if document := documents.get(slot):
            yield Row(label, document["name"], document=document["id"], is_verbatim=True)
        else:
            yield Row(label, _("Not sent"))
    for certificate in answer["certificates"]:
        if document := documents.get(certificate["slot"]):
            yield Row(wording.certificate(certificate), document["name"], document=document["id"], is_verbatim=True)
    if answer["notes"]:
        yield Row(_("Anything else"), answer["notes"])


def _team(answer: Mapping[str, Any]) -> Iterable[Row]:
    return (Row(*named) for named in company.team(answer))


def _certificates(answer: Mapping[str, Any]) -> Iterable[Row]:
    for certificate in answer["certificates"]:
        name = capfirst(str(Document.Certificate(certificate["kind"]).label))
        yield Row(name, wording.about_certificate(certificate))
        document = answer["documents"].get(certificate["slot"], {"id": "", "name": _("Not sent")})
        yield Row(_("%(name)s: file") % {"name": name}, document["name"], document=document["id"], is_verbatim=True)
    if not answer["certificates"]:
        yield Row(_("Certificates and insurance"), _("None"))
    is_certified = any(certificate["slot"] == companies.CERTIFICATE for certificate in answer["certificates"])
    if not is_certified and not answer["undertakes"]:
        yield Row(_("Written undertaking that linguists meet ISO 17100"), _("No"))
    yield from (Row(*named) for named in company.undertaking(answer, answer["undertakes"]))


def _tax(answer: Mapping[str, Any]) -> Iterable[Row]:
    country = answer["tax_residence"]
    yield Row(_("Tax residence"), countries.name(country))
    if answer["registration_number"]:
        yield Row(str(tax_numbers.register_number(country).name), answer["registration_number"], is_verbatim=True)
    yield Row(_("VAT"), str(VatStatus(answer["vat_status"]).label))
    if answer["vat_number"]:
        yield Row(_("VAT number"), answer["vat_number"], is_verbatim=True)
    if answer["tax_id"] and answer["tax_id"] != answer["registration_number"]:
        yield Row(str(tax_numbers.tax_number(country).name), answer["tax_id"], is_verbatim=True)


def _tax_masked(answer: Mapping[str, Any]) -> Iterable[Row]:
    numbers = {answer[name] for name in Profile.NUMBERS if answer[name]}
    for row in _tax(answer):
        is_number = row.value in numbers
        yield replace(row, value=tax_numbers.masked(row.value), unmasked=row.value) if is_number else row


def _payment_hidden(answer: Mapping[str, Any]) -> Iterable[Row]:
    yield Row(_("Payment"), _("Only people with permission to see payment details can see this"))


def _payment(answer: Mapping[str, Any]) -> Iterable[Row]:
    if answer["method"] == "later":
        yield Row(_("Payment"), _("Left for later; needed before the first invoice can be paid"))
        return
    yield Row(_("Payment"), payment.masked(dict(answer)), is_verbatim=True)
    yield Row(_("Account holder"), answer["holder"], is_verbatim=True)
    if payment.is_somebody_elses(answer):
        yield Row(_("Whose account it is, and why"), answer["holder_reason"])
    if answer.get("payout_currency"):
        yield Row(_("Paid in"), countries.currency_name(answer["payout_currency"]))


def _agreements(answer: Mapping[str, Any]) -> Iterable[Row]:
    for accepted in answer["accepted"]:
        yield Row(agreements.title(accepted["document"]), _("Version %(version)s") % accepted)
    if answer.get("signatory"):
        text = _("%(signatory)s, %(position)s, who is authorised to sign for it") % answer
        yield Row(_("Accepted for the company by"), text)


_Rows = Callable[[Mapping[str, Any]], Iterable[Row]]
_ROWS: dict[str, _Rows] = {
    "about": _about,
    "contact": _contact,
    "languages": _languages,
    "services": _services,
    "rates": _rates,
    "qualifications": _qualifications,
    "team": _team,
    CERTIFICATES: _certificates,
    "tax": _tax,
    "payment": _payment,
    "agreements": _agreements,
}
