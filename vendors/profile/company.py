"""What only a company with several translators has, in words. The same of answers and of the approved profile."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from vendors.answers import languages, phones, service_catalogue
from vendors.models import CompanyDetails, Revision, Selection, Vendor
from vendors.qualifications import wording

Named = tuple[str, str]


def of_vendor(vendor: Vendor) -> dict[str, list[Named]]:
    """For the pages of the profile. Nothing of other vendors, and of a company that was asked as a person once."""
    details: CompanyDetails | None = getattr(vendor, "company_details", None)
    if details is None:
        return {}
    given = vars(details)
    about_linguists = [*team(given), *undertaking(given, given["undertakes_iso_17100"])]
    return {"company_contacts": list(contacts(given)), "company_rows": about_linguists}


def contacts(given: Mapping[str, Any]) -> Iterable[Named]:
    for label, name in ((_("Contact for projects"), "projects"), (_("Contact for invoices"), "accounts")):
        phone = given[f"{name}_phone"]
        lines = [given[f"{name}_name"], phones.readable(phone) if phone else ""]
        yield label, "\n".join(filter(None, lines)) or _("The main contact")


def team(given: Mapping[str, Any]) -> Iterable[Named]:
    numbers = {"in_house": given["linguists_in_house"], "freelance": given["linguists_freelance"]}
    yield _("Linguists"), _("%(in_house)s in-house, %(freelance)s freelance") % numbers
    pairs = [languages.pair_name(*key.split(".")) for key in given["in_house_pairs"]]
    yield _("Pairs covered in-house"), "\n".join(pairs) or _("None")
    services = map(service_catalogue.service_name, given["in_house_services"])
    yield _("Services provided in-house"), "\n".join(services) or _("None")
    chosen_by = [capfirst(str(Selection(code).label)) for code in given["selection"]]
    yield _("How linguists are chosen"), "\n".join(chosen_by)
    yield _("Who checks translations"), capfirst(str(Revision(given["revision"]).label))
    if given["working_notes"]:
        yield _("About the linguists"), given["working_notes"]


def undertaking(given: Mapping[str, Any], undertakes: bool) -> Iterable[Named]:
    """`undertakes` is kept under another name with the profile than on the page."""
    if undertakes:
        yield _("Written undertaking that linguists meet ISO 17100"), _("Yes")
        yield _("List of linguists"), "\n".join(map(wording.linguist, given["linguists"]))
    if given["client_references"]:
        yield _("Clients we may ask"), given["client_references"]
