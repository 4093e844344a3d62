"""ISO 17100, 3.1.4: the three routes by which a translator's competence is shown."""

from __future__ import annotations

from django.utils.translation import gettext as _

from vendors.models import Qualification

Route = Qualification.Route


def route(*, translation_degree: bool, other_degree: bool, experience_months: int) -> Route:
    if translation_degree:
        return Route.TRANSLATION_DEGREE
    if other_degree and experience_months >= 24:
        return Route.OTHER_DEGREE
    if experience_months >= 60:
        return Route.EXPERIENCE
    return Route.NONE


def evidence(found: str) -> str:
    """What an auditor will want to see."""
    return {
        Route.TRANSLATION_DEGREE: _("CV and a copy of the degree certificate"),
        Route.OTHER_DEGREE: _("CV with at least two years of translation work, and a copy of the degree certificate"),
        Route.EXPERIENCE: _("CV with at least five years of full-time translation work"),
        Route.NONE: _("CV; Vendor Management will say which kinds of work are possible"),
    }[Route(found)]
