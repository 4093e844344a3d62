"""What a vendor is qualified for, service by service, each by its own measure."""

from __future__ import annotations

import datetime as dt

from vendors.answers import service_catalogue
from vendors.qualification_claims import Claims
from vendors.qualifications import companies, iso_17100, register
from vendors.qualifications.findings import NOTHING_CHECKED, Checks, Finding

_ORDER = {code: number for number, (code, _name) in enumerate(service_catalogue.SERVICES)}


def findings(claims: Claims, checks: Checks = NOTHING_CHECKED, *, today: dt.date) -> list[Finding]:
    """Nothing about services that there is no measure for. In the order of the pairs, then of the catalogue."""
    by_standard = companies.findings if claims.is_company else iso_17100.findings
    judged = [*by_standard(claims, checks, today=today), *register.findings(claims, checks, today=today)]
    place = {(pair["source"], pair["target"]): number for number, pair in enumerate(claims.pairs)}
    return sorted(judged, key=lambda finding: (place[finding.pairs[0]], _ORDER[finding.service]))
