"""Finding those who are qualified for what is looked for, and seeing beside each result how far that is shown."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from identity.roles import PROJECT_MANAGER
from tests.clients import signed_in
from tests.factories import create_staff, create_vendor
from tests.vendors.evidence.profile import profile
from tests.vendors.finding.offering import offer, offering
from tests.vendors.finding.test_find import find, groups, rate, words
from tests.vendors.stored_documents import in_days, store
from tests.vendors.verified import verify
from vendors.evidence import exceptions
from vendors.models import Vendor, VendorState

pytestmark = pytest.mark.django_db
ASKED = {"source": "de", "target": "pl", "service": "translation"}


def with_degree(name: str, *pairs: str, amount: str = "0.10", service: str = "translation") -> Vendor:
    """What they say is on file, so it is documented."""
    vendor = create_vendor(state=VendorState.APPROVED, name=name)
    for slot in ("cv", "degree"):
        store(vendor, slot)
    profile(vendor, full_name=name, pairs=[offer(pair, amount, service=service) for pair in pairs or ["de>pl"]])
    return vendor


@pytest.fixture
def three(vera) -> list[Vendor]:
    """Verified, documented, and with an exception only."""
    verified, documented = with_degree("Veronika", amount="0.12"), with_degree("Dorota")
    verify(verified, "degree", by=vera)
    excepted = offering("Ewa", offer("de>pl", "0.08"))
    assert excepted.standings.get().state == "none"
    exceptions.grant(
        excepted, source="de", target="pl", service="translation", until=in_days(40), reason="The only one.", by=vera
    )
    return [verified, documented, excepted]


@pytest.mark.parametrize(
    ("qualified", "names"),
    [("claimed", ["Dorota", "Veronika"]), ("documented", ["Dorota", "Veronika"]), ("verified", ["Veronika"])],
)
@pytest.mark.parametrize("order", ["rate", "name"])
def test_those_who_are_so_far_qualified_are_found_and_exceptions_are_apart(as_vera, three, qualified, names, order):
    shown = groups(find(as_vera, **ASKED, qualified=qualified, order=order))

    assert shown.pop("exceptions") == ["Ewa"]
    assert [name for found in shown.values() for name in found] == names


def test_each_result_says_how_far_it_is_shown(as_vera, three):
    shown = words(find(as_vera, **ASKED))

    for name, standing in (("Veronika", "verified"), ("Dorota", "documented"), ("Ewa", "not qualified exception")):
        assert standing in shown.partition(name)[2].partition("Owner")[0][:200], name


def test_exceptions_are_a_group_that_can_be_opened(as_vera, three):
    alone = find(as_vera, **ASKED, qualified="verified", group="exceptions")

    assert groups(alone) == {"exceptions": ["Ewa"]}
    assert "It does not count as being qualified." in alone.text
    assert as_vera.get("/admin/vendors/vendor/find/?group=exceptions").status_code == 404


def test_rate_in_a_pair_that_the_vendor_is_not_qualified_in_is_not_shown(as_vera, vera, three):
    rate("SEK", "10")
    verified = three[0]
    pairs = [offer("de>pl", "0.12"), replace(offer("fr>pl", "0.05"), source="fr")]
    profile(verified, full_name="Veronika", pairs=pairs)
    exceptions.grant(
        verified, source="fr", target="pl", service="translation", until=in_days(9), reason="Urgent.", by=vera
    )

    compared = find(as_vera, **ASKED, qualified="verified").context["groups"][0]

    assert [str(line.offers[0].rate.pair.source) for line in compared.lines] == ["de"]


def test_language_finds_the_standing_of_its_regions_and_a_region_that_of_those_who_name_none(as_vera):
    with_degree("Austrian", "de-AT>pl")
    with_degree("Any", "de>pl")

    assert groups(find(as_vera, **ASKED, qualified="claimed"))["compared"] == ["Austrian", "Any"]
    asked = ASKED | {"source": "de-CH", "qualified": "claimed"}
    assert groups(find(as_vera, **asked))["compared"] == ["Any"]


def test_reviser_is_judged_in_the_subject_that_is_looked_for(as_vera):
    vendor = create_vendor(state=VendorState.APPROVED, name="Rita")
    for slot in ("cv", "degree"):
        store(vendor, slot)
    profile(
        vendor,
        full_name="Rita",
        pairs=[offer("de>pl", "30", service="revision", unit="hour")],
        specialisms=["legal", "medical"],
    )
    asked = ASKED | {"service": "revision", "order": "name", "qualified": "claimed"}

    assert groups(find(as_vera, **asked, specialism="legal"))["vendors"] == ["Rita"]
    assert groups(find(as_vera, **asked, specialism="medical"))["vendors"] == []
    del asked["qualified"]
    assert "not qualified" in words(find(as_vera, **asked, specialism="medical"))


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"qualified": "verified"}, "Choose a service and both languages"),
        ({"qualified": "verified", "source": "de", "service": "translation"}, "Choose a service and both languages"),
        (ASKED | {"qualified": "verified", "service": "interpreting"}, "No standard applies to this service"),
        (ASKED | {"qualified": "very"}, "Choose one from the list."),
    ],
)
def test_question_that_no_standard_answers_is_refused_with_a_reason(as_vera, asked, sentence):
    answer = find(as_vera, **asked)

    assert sentence in answer.text
    assert "groups" not in answer.context


def test_those_who_may_not_see_qualifications_neither_ask_nor_see_them(three):
    manager = signed_in(create_staff(role=PROJECT_MANAGER))

    answer = find(manager, **ASKED, qualified="verified")

    assert groups(answer)["compared"] == ["Ewa", "Dorota", "Veronika"]
    assert "exceptions" not in groups(answer)
    assert "documented" not in answer.text


def test_it_takes_the_same_statements_however_many_are_found(as_vera, three, vera):
    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            find(as_vera, **ASKED, qualified="documented")
        return len(queries)

    before = statements()
    for number in range(3):
        with_degree(f"Dorota {number}")
        excepted = offering(f"Ewa {number}", offer("de>pl", "0.08"))
        asked = {"source": "de", "target": "pl", "service": "translation"}
        exceptions.grant(excepted, **asked, until=in_days(40), reason="Few offer it.", by=vera)

    assert statements() == before


def test_export_has_those_who_are_qualified_and_no_exception(as_vera, three):
    address = "/admin/vendors/vendor/find/export/?source=de&target=pl&service=translation&qualified=documented"
    answer = as_vera.post(address, {"columns": ["name"], "file_format": "csv", "reason": "A tender."})

    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert lines[1:] == ["Dorota", "Veronika"]
