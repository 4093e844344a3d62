"""A profile with evidence to start from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.vendors.profiles import approved, pair
from vendors.models import Document, Vendor
from vendors.profile import approved_profile

DEGREE = {"subject": "translation", "title": "MA", "institution": "Poznań", "country": "PL", "year": 2010}
WORK = {"since": "2012-01", "until": "2018-12", "share": 100, "kind": "both", "pairs": [], "subjects": ["legal"]}


def profile(vendor: Vendor, *, degrees: Any = (DEGREE,), experience: Any = (WORK,), **changed: Any) -> None:
    """Adopt it, with whatever files there are."""
    qualification = approved_profile.ApprovedQualification(
        route="translation_degree", degrees=list(degrees), experience=list(experience)
    )
    files = [approved_profile.ApprovedDocument(id=row.pk) for row in Document.objects.filter(vendor=vendor).current()]
    values = {"qualification": qualification, "documents": files, "pairs": [offers("translation")]}
    approved_profile.adopt(vendor, approved(**values | changed))


def offers(*services: str, source: str = "de", target: str = "pl") -> approved_profile.ApprovedPair:
    return replace(pair(source, target, "1"), services=list(services), rates=[])
