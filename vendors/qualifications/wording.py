"""What a vendor's qualification rests on, in words, and for which pairs and services it is enough."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from vendors.answers import countries, dates, languages
from vendors.documents import lifecycle as documents
from vendors.models import Document, Vendor
from vendors.qualifications import iso_17100
from vendors.qualifications.experience import FULL_TIME, KINDS_OF_WORK, Period


def of_vendor(vendor: Vendor, *, today: dt.date, in_force: list[Document] | None = None) -> list[iso_17100.Finding]:
    """Nothing before the first approval."""
    qualification, profile = getattr(vendor, "qualification", None), getattr(vendor, "profile", None)
    if qualification is None:
        return []
    in_force = list(Document.objects.filter(vendor=vendor).in_force()) if in_force is None else in_force
    return iso_17100.findings(
        degrees=qualification.degrees,
        experience=map(Period.of, qualification.experience),
        documents=documents.that_count({document.slot: document for document in in_force}, today=today),
        pairs=vendor.language_pairs.values("source", "target", "services"),
        domains=profile.specialisms if profile else [],
        today=today,
    )


def degree(given: Mapping[str, Any]) -> str:
    place = [given["institution"], countries.name(given["country"] or "")]
    return ", ".join(filter(None, [given["title"], *place, str(given["year"] or "")]))


def period(worked: Period) -> str:
    until = dates.month_name(worked.until) if worked.until else _("still")
    parts = [_("%(since)s – %(until)s") % {"since": dates.month_name(worked.since), "until": until}]
    parts.append(_("full time") if worked.share == FULL_TIME else _("%(share)s %%") % {"share": worked.share})
    parts.append(str(dict(KINDS_OF_WORK)[worked.kind]))
    if worked.pairs:
        parts.append(
            _("only %(pairs)s") % {"pairs": "; ".join(languages.pair_name(*key.split(".")) for key in worked.pairs)}
        )
    return ", ".join(parts)


def certificate(given: Mapping[str, Any]) -> str:
    """What it is, its number and until when it is valid."""
    parts = [str(Document.Certificate(given["kind"]).label).capitalize()]
    if given["number"]:
        parts.append(_("no. %(number)s") % {"number": given["number"]})
    if given["expires_on"]:
        day = date_format(dt.date.fromisoformat(given["expires_on"]), "j F Y")
        parts.append(_("valid until %(day)s") % {"day": day})
    return ", ".join(parts)
