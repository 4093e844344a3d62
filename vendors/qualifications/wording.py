"""What a vendor's qualification rests on, in words, and for which pairs and services it is enough."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from vendors.answers import countries, dates, languages
from vendors.documents import lifecycle as documents
from vendors.models import Document, Qualification, Vendor, VendorKind
from vendors.qualifications import companies, iso_17100
from vendors.qualifications.experience import FULL_TIME, KINDS_OF_WORK, Period


def of_vendor(vendor: Vendor, *, today: dt.date, in_force: list[Document] | None = None) -> list[iso_17100.Finding]:
    """Nothing before the first approval."""
    profile = getattr(vendor, "profile", None)
    is_company = profile is not None and profile.kind == VendorKind.COMPANY
    qualification = None if is_company else getattr(vendor, "qualification", None)
    if qualification is None and not is_company:
        return []
    in_force = list(Document.objects.filter(vendor=vendor).in_force()) if in_force is None else in_force
    if qualification is None:
        return _of_company(vendor, {document.slot: document for document in in_force}, today=today)
    return iso_17100.findings(
        degrees=qualification.degrees,
        experience=map(Period.of, qualification.experience),
        documents=documents.that_count({document.slot: document for document in in_force}, today=today),
        pairs=vendor.language_pairs.values("source", "target", "services"),
        domains=profile.specialisms if profile else [],
        today=today,
    )


def _of_company(vendor: Vendor, documents_by_slot: dict[str, Document], *, today: dt.date) -> list[iso_17100.Finding]:
    details = getattr(vendor, "company_details", None)
    counts = companies.CERTIFICATE in documents.that_count(documents_by_slot, today=today)
    evidence = companies.Evidence(
        certificate=Document.State(documents_by_slot[companies.CERTIFICATE].state) if counts else None,
        undertakes=details is not None and details.undertakes_iso_17100,
        linguists=details.linguists if details else (),
        sample=companies.last_sample(vendor, details.linguists) if details else None,
    )
    return companies.findings(evidence, pairs=vendor.language_pairs.values("source", "target", "services"))


def linguist(row: Mapping[str, Any]) -> str:
    """One line of a company's list."""
    pairs = "; ".join(languages.pair_name(*key.split(".")) for key in row["pairs"])
    route = Qualification.Route(row["route"]).label
    return _("%(initials)s: %(pairs)s (%(route)s)") % {"initials": row["initials"], "pairs": pairs, "route": route}


def degree(given: Mapping[str, Any]) -> str:
    place = [given["institution"], countries.name(given["country"] or "")]
    return ", ".join(filter(None, [given["title"], *place, str(given["year"] or "")]))


def period(worked: Period) -> str:
    until = dates.month_name(worked.until) if worked.until else _("present")
    parts = [_("%(since)s – %(until)s") % {"since": dates.month_name(worked.since), "until": until}]
    parts.append(_("full time") if worked.share == FULL_TIME else _("%(share)s%%") % {"share": worked.share})
    parts.append(str(dict(KINDS_OF_WORK)[worked.kind]))
    if worked.pairs:
        parts.append(
            _("only %(pairs)s") % {"pairs": "; ".join(languages.pair_name(*key.split(".")) for key in worked.pairs)}
        )
    return ", ".join(parts)


def certificate(given: Mapping[str, Any]) -> str:
    """What it is, its number and until when it is valid."""
    name = capfirst(str(Document.Certificate(given["kind"]).label))
    return ", ".join(filter(None, [name, about_certificate(given)]))


def about_certificate(given: Mapping[str, Any]) -> str:
    """Its number, of a company's the body and the scope, and until when it is valid."""
    parts = []
    if given["number"]:
        parts.append(_("no. %(number)s") % {"number": given["number"]})
    parts += [given[name] for name in ("issued_by", "scope") if given.get(name)]
    if given["expires_on"]:
        day = date_format(dt.date.fromisoformat(given["expires_on"]), "j F Y")
        parts.append(_("valid until %(day)s") % {"day": day})
    return ", ".join(parts)
