"""What a vendor's qualification rests on, in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from vendors.answers import countries, dates, languages, service_catalogue
from vendors.models import Document, EvidenceKind, Qualification
from vendors.qualification_claims import RegisterEntry
from vendors.qualifications.evidence_pieces import Piece
from vendors.qualifications.experience import FULL_TIME, KINDS_OF_WORK, Period


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
    if worked.subjects:
        parts.append(
            _("in %(subjects)s") % {"subjects": "; ".join(map(service_catalogue.specialism_name, worked.subjects))}
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


def register_entry(entry: RegisterEntry) -> str:
    parts = [entry.authority]
    if entry.number:
        parts.append(_("no. %(number)s") % {"number": entry.number})
    if entry.until:
        parts.append(_("valid until %(day)s") % {"day": date_format(entry.until, "j F Y")})
    return ", ".join(parts)


def piece(shown: Piece, *, register: RegisterEntry | None) -> str:
    """What it says, as far as it says anything beside its file. `register` is the vendor's entry."""
    if shown.kind == EvidenceKind.REGISTER and register:
        return register_entry(register)
    if shown.kind == EvidenceKind.EXPERIENCE and shown.content:
        return period(Period.of(shown.content))
    if shown.content:
        return degree(shown.content)
    if shown.file and shown.file.certificate:
        until = shown.file.expires_on
        return about_certificate(vars(shown.file) | {"expires_on": f"{until}" if until else ""})
    return ""
