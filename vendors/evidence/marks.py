"""Which evidence, rates and qualifications are as another system had them: neither sent by the vendor nor reviewed.

Nothing keeps this: what was carried over is compared with what there is today. Whatever has been changed since is the
vendor's own, and a copy of a certificate makes another piece of evidence of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from django.utils.html import format_html
from django.utils.safestring import SafeString

from identity.admin_lists import tag
from identity.text_direction import gettext as _
from vendors.models import Evidence, LanguagePair, Rate, Vendor
from vendors.onboarding_interface import RateCarriedOver, onboarding
from vendors.qualification_claims import Claims
from vendors.qualifications import evidence_pieces, judging
from vendors.qualifications.experience import Period
from vendors.qualifications.findings import Checks, Finding


@dataclass(frozen=True)
class Marks:
    """Of one vendor; empty for everybody who came by the onboarding."""

    fingerprints: frozenset[str] = frozenset()
    rates: frozenset[RateCarriedOver] = frozenset()
    is_confirmed: bool = True

    @property
    def tag(self) -> SafeString:
        """In a warning colour until the vendor has confirmed the profile."""
        return tag("" if self.is_confirmed else "warning", _("carried over"))

    def has(self, evidence: Evidence) -> bool:
        return evidence.fingerprint in self.fingerprints

    def beside(self, state: SafeString, evidence: Evidence) -> SafeString:
        """The state of a piece of evidence, with the mark if it has one."""
        return format_html("{} {}", state, self.tag) if self.has(evidence) else state

    def of_rates(self, pairs: Iterable[LanguagePair]) -> list[Rate]:
        """Those of the approved profile that are as they were. Nothing is read for who has no marks."""
        if not self.rates:
            return []
        return [
            rate
            for pair in pairs
            for rate in pair.rates.all()
            if RateCarriedOver(pair.source, pair.target, rate.service, rate.unit, rate.amount, rate.currency)
            in self.rates
        ]

    def of_findings(
        self, found: Collection[Finding], claims: Claims | None, checks: Checks, *, today: dt.date
    ) -> list[Finding]:
        """Those that would be worse without evidence that was carried over and that VM has not verified."""
        unchecked = self.fingerprints - set(checks.verified)
        if claims is None or not unchecked:
            return []
        without = {
            _about(finding): finding.standing.rank
            for finding in judging.findings(_without(claims, unchecked), checks, today=today)
        }
        return [finding for finding in found if finding.standing.rank > without.get(_about(finding), 0)]


def of(vendors: Iterable[Vendor]) -> dict[int, Marks]:
    """By vendor; one statement, and none if nothing was ever carried over."""
    by_id = {vendor.pk: vendor for vendor in vendors if vendor.carried_over_at is not None}
    profiles = onboarding().was_carried_over(by_id) if by_id else {}
    return {
        pk: Marks(
            frozenset(piece.fingerprint for piece in evidence_pieces.of(profile.claims)),
            profile.rates,
            is_confirmed=by_id[pk].confirmed_at is not None,
        )
        for pk, profile in profiles.items()
    }


def of_vendor(vendor: Vendor) -> Marks:
    return of([vendor]).get(vendor.pk, Marks())


def _about(finding: Finding) -> tuple[object, ...]:
    return finding.pairs, finding.service, finding.specialisms


def _without(claims: Claims, fingerprints: Collection[str]) -> Claims:
    register = claims.register
    return replace(
        claims,
        degrees=[row for row in claims.degrees if evidence_pieces.degree(row, claims).fingerprint not in fingerprints],
        experience=[row for row in claims.experience if evidence_pieces.of_period(Period.of(row)) not in fingerprints],
        register=None if register and evidence_pieces.of_register(register) in fingerprints else register,
    )
