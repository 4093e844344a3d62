"""What is looked for: the languages, the service and the rate, and everything else about the vendor."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Q, QuerySet

from vendors.answers import languages
from vendors.answers.service_catalogue import UNITS, UNITS_OF_SERVICE
from vendors.models import LanguagePair, PairStanding, Standing
from vendors.models.exchange_rate import BASE

BY_RATE, BY_NAME = "rate", "name"


@dataclass(frozen=True, kw_only=True)
class Query:
    """Tags as `languages.parse_wide` gives them; `where` is about the vendor."""

    source: str = ""
    target: str = ""
    service: str = ""
    unit: str = ""
    up_to: Decimal | None = None
    currency: str = BASE
    order: str = ""
    specialism: str = ""
    qualified: str = ""  # at least how far
    where: Q = field(default_factory=Q)

    @property
    def is_comparing(self) -> bool:
        """One line for each rate of one service, and not one for each vendor."""
        return bool(self.service) and bool(self.up_to or self.unit or self.order != BY_NAME)

    @property
    def is_by_rate(self) -> bool:
        return self.is_comparing and self.order != BY_NAME

    @property
    def compared_unit(self) -> str:
        """Of a service without a unit, what most people charge for it by."""
        return self.unit or UNITS_OF_SERVICE[self.service][0]

    @property
    def other_units(self) -> list[str]:
        return [unit for unit, _name in UNITS if unit != self.compared_unit]

    @property
    def pairs(self) -> Q:
        """Of LanguagePair."""
        offers = Q(services__contains=[self.service]) if self.service else Q()
        return self._side("source", self.source) & self._side("target", self.target) & offers

    @property
    def rates(self) -> Q:
        """Of Rate, which knows the languages itself, for the sake of its index."""
        service = Q(service=self.service) if self.service else Q()
        of_pair = "pair__"
        return service & self._side("source", self.source, of_pair) & self._side("target", self.target, of_pair)

    @property
    def asks_for_a_pair(self) -> bool:
        return bool(self.source or self.target or self.service)

    def judged(self, at_least: Standing = Standing.NONE) -> QuerySet[PairStanding]:
        """What is known today of those who offer the service in these languages."""
        return PairStanding.objects.answering(
            sources=_tags_found(self.source),
            targets=_tags_found(self.target),
            service=self.service,
            specialism=self.specialism,
            at_least=at_least,
        )

    @property
    def qualifying(self) -> QuerySet[PairStanding]:
        """An exception is none of them."""
        return self.judged(Standing(self.qualified))

    @property
    def excepted(self) -> QuerySet[PairStanding]:
        """For whom an exception is in force instead."""
        below = [state for state in Standing if state.rank < Standing(self.qualified).rank]
        return self.judged().filter(exception=True, state__in=below)

    def is_about(self, standing: PairStanding) -> bool:
        sides = ((standing.source, self.source), (standing.target, self.target))
        is_pair = all(not wanted or tag in _tags_found(wanted) for tag, wanted in sides)
        return is_pair and standing.service == self.service

    def is_near(self, pair: LanguagePair) -> bool:
        """Found because it says less than what was looked for: English, for whoever looks for British English."""
        sides = ((pair.source, self.source), (pair.target, self.target))
        return any(wanted and not languages.is_within(tag, wanted) for tag, wanted in sides)

    @staticmethod
    def _side(side: str, tag: str, path: str = "") -> Q:
        if not tag:
            return Q()
        found = languages.languages_of(tag)
        where = Q(**{f"{side}_language": found[0]} if len(found) == 1 else {f"{side}_language__in": found})
        if wider := languages.wider(tag):
            said = f"{path}{side}"
            where &= Q(**{said: tag}) | Q(**{f"{said}__startswith": f"{tag}-"}) | Q(**{f"{said}__in": wider})
        return where


def _tags_found(wanted: str) -> Collection[str]:
    """The same languages as by their columns in LanguagePair, which this table does not have."""
    within = (tag for tag in languages.TAGS if languages.is_within(tag, wanted))
    return {wanted, *languages.wider(wanted), *within}
