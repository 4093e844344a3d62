"""What each service is judged by."""

from __future__ import annotations

from vendors.models import Measure, PairStanding

TRANSLATORS = frozenset({"translation", "certified_translation"})
REVISERS = frozenset(PairStanding.BY_SUBJECT)
POST_EDITORS = frozenset({"post_editing"})
SWORN = frozenset({"sworn_translation"})


def of_service(service: str) -> Measure:
    """ISO 17100 says nothing of interpreting, subtitling and the rest, and there is nothing else to judge them by."""
    if service in TRANSLATORS | REVISERS:
        return Measure.ISO_17100
    if service in POST_EDITORS:
        return Measure.ISO_18587
    return Measure.REGISTER if service in SWORN else Measure.NONE
