"""Today's standing, kept in a table: refreshed with whatever it rests on, and at night for what time changes."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.factories import create_vendor
from tests.vendors.evidence.profile import DEGREE, WORK, offers, profile
from tests.vendors.stored_documents import in_days, store
from tests.vendors.verified import standings, verify
from vendors import tasks
from vendors.documents import lifecycle as documents
from vendors.evidence import exceptions, standing
from vendors.models import Document, PairStanding, Standing, Vendor, VendorState
from vendors.profile import approved_profile

pytestmark = pytest.mark.django_db


def test_each_pair_service_and_subject_has_a_row(lucja):
    profile(lucja, pairs=[offers("translation", "revision", "interpreting")], specialisms=["medical"])

    assert standings(lucja) == {
        "de.pl translation": "documented",
        "de.pl revision": "claimed",  # in one subject at least
        "de.pl revision legal": "claimed",
        "de.pl revision medical": "none",
    }
    profile(lucja, pairs=[offers("translation", source="fr")])
    assert standings(lucja) == {"fr.pl translation": "documented"}


def test_search_finds_who_is_so_far_qualified(lucja):
    profile(lucja, pairs=[offers("translation", "revision")], specialisms=["medical"])
    asked = {"sources": ["de"], "targets": ["pl"]}

    def found(service: str, **more: object) -> bool:
        return PairStanding.objects.answering(**asked, service=service, **more).exists()

    assert found("translation", at_least=Standing.DOCUMENTED)
    assert not found("translation", at_least=Standing.VERIFIED)
    assert found("translation", specialism="medical")  # whether it is offered is in the profile
    assert found("revision")
    assert found("revision", specialism="legal")
    assert not found("revision", specialism="medical")
    assert not found("interpreting")


def test_refused_file_changes_the_standing_at_once(lucja, vera):
    documents.refuse(Document.objects.get(slot="degree"), by=vera, reason="Unreadable.")

    assert standings(lucja) == {"de.pl translation": "claimed"}


def test_nothing_is_written_when_nothing_changes(lucja, django_assert_num_queries):
    with django_assert_num_queries(13):  # the savepoint, the lock, what is read, and no write
        standing.refresh(lucja)


# Time


def test_what_expires_is_refreshed_that_night(lucja, vera):
    entry = {"sworn_authority": "Ministry", "sworn_number": "TP/1", "sworn_until": in_days(3)}
    profile(lucja, pairs=[offers("sworn_translation")], **entry)
    verify(lucja, "register", by=vera)
    assert standings(lucja) == {"de.pl sworn_translation": "verified"}
    assert lucja.standings.get().recheck_on == in_days(4)

    assert standing.refresh_due(today=in_days(3)) == 0
    assert standing.refresh_due(today=in_days(4)) == 1

    assert standings(lucja) == {"de.pl sworn_translation": "none"}
    assert lucja.standings.get().recheck_on is None
    tasks.refresh_standings(0)


def test_experience_that_goes_on_is_looked_at_each_month(db):
    vendor = create_vendor(state=VendorState.APPROVED)
    today = in_days(0)
    began = (today.replace(day=1) - dt.timedelta(days=365 * 5 - 70)).strftime("%Y-%m")
    profile(vendor, degrees=[], experience=[WORK | {"since": began, "until": ""}])
    assert standings(vendor) == {"de.pl translation": "none"}
    first = vendor.standings.get().recheck_on
    assert first is not None
    assert first > today
    assert first.day == 1

    for _month in range(6):
        due = vendor.standings.get().recheck_on
        if due is None:
            break
        standing.refresh_due(today=due)

    assert standings(vendor) == {"de.pl translation": "claimed"}
    assert vendor.standings.get().recheck_on is None


def test_finished_work_is_not_looked_at_again(lucja):
    assert lucja.standings.get().recheck_on is None


# Exceptions


def grant(vendor: Vendor, by: object, **changed: object) -> object:
    values = {"source": "de", "target": "pl", "service": "translation", "reason": "The only one.", "until": in_days(30)}
    return exceptions.grant(vendor, by=by, **values | changed)  # type: ignore[arg-type]


def test_exception_is_beside_the_standing_and_ends(vera):
    vendor = create_vendor(state=VendorState.APPROVED)
    profile(vendor, degrees=[], experience=[], pairs=[offers("translation", "revision")], specialisms=["legal"])

    grant(vendor, vera)
    grant(vendor, vera, service="revision", specialism="legal")

    rows = {(row.service, row.specialism): (row.state, row.exception) for row in vendor.standings.all()}
    assert rows == {
        ("translation", ""): ("none", True),
        ("revision", ""): ("none", False),
        ("revision", "legal"): ("none", True),
    }
    assert not PairStanding.objects.answering(sources=["de"], targets=["pl"], service="translation").exists()
    assert vendor.evidence.expiring(today=in_days(0)).count() == 2
    standing.refresh_due(today=in_days(31))
    assert not vendor.standings.filter(exception=True).exists()
    assert vendor.evidence.count() == 0


def test_certificates_do_not_end_a_person_s_standing(lucja):
    paper = store(lucja, "certificate-1")
    files = [approved_profile.ApprovedDocument(id=row.pk) for row in Document.objects.exclude(pk=paper.pk)]
    files.append(approved_profile.ApprovedDocument(id=paper.pk, certificate="membership", expires_on=in_days(1)))
    profile(lucja, documents=files, degrees=[DEGREE])

    standing.refresh_due(today=in_days(2))

    assert standings(lucja) == {"de.pl translation": "documented"}
