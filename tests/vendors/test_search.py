"""VM finds what is there: the admin's lists, by what VM types."""

import unicodedata
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.http import urlencode

from identity import admin_lists
from identity.models import Failure, FailurePerson, Invitation
from identity.roles import ADMINISTRATOR, AUDITOR, VENDOR_MANAGER
from onboarding.models import Submission
from tests.clients import signed_in
from tests.factories import (
    create_email_change,
    create_failure,
    create_invitation,
    create_staff,
    create_submission,
    create_vendor,
)
from tests.vendors.profiles import approved
from vendors import search
from vendors.models import Vendor, VendorState
from vendors.profile import approved_profile

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore:No directory at")]

VENDORS = "/admin/vendors/vendor/"
SUBMISSIONS = "/admin/onboarding/submission/"
CASES = "/admin/identity/failure/"
INVITATIONS = "/admin/identity/invitation/"


def found(client, url, term, **filters):
    answer = client.get(url, {"q": term, **filters})
    assert answer.status_code == 200
    return list(answer.context["cl"].result_list)


def names(client, term, **filters):
    return [vendor.name for vendor in found(client, VENDORS, term, **filters)]


# Filters first


def test_filter_leaves_out_nothing_that_the_search_finds(as_vera, monkeypatch):
    monkeypatch.setattr(admin_lists, "FOUND_AT_MOST", 5)
    for number in range(12):
        create_vendor(name=f"Ana {number}", state=VendorState.APPROVED)
    invited = {create_vendor(name=f"Ana invited {number}", state=VendorState.INVITED).name for number in range(4)}

    assert set(names(as_vera, "ana", state__exact="invited")) == invited
    assert set(names(as_vera, "vendor", state__exact="invited")) == invited  # by their addresses


@pytest.fixture
def companies(db):
    """By the contact that only the profile names. All but the last have an open case; the last one's is closed."""
    found = {}
    for number, contact in enumerate(["Ana", "Anatol", "Bo", "Anabel"]):
        vendor = create_vendor(primary_email=f"office@{number}-north.example", state=VendorState.APPROVED)
        approved_profile.adopt(vendor, approved(kind="company", full_name=contact, company_legal_name="Studio Zoë"))
        create_failure(user=vendor.user, state=Failure.State.RESOLVED if number == 3 else Failure.State.OPEN)
        found[contact] = vendor
    return found


@pytest.mark.parametrize(
    ("term", "with_case"),
    [
        ("ana", {"Ana", "Anatol"}),
        ("studio ana", {"Ana", "Anatol"}),
        ("bo", {"Bo"}),
        ("zoe", {"Ana", "Anatol", "Bo"}),
        ("office@", {"Ana", "Anatol", "Bo"}),
        ("2-north", {"Bo"}),
        ("nobody", set()),
    ],
)
def test_open_cases_leave_out_nobody_who_has_one(as_vera, companies, term, with_case):
    """They are looked for by the words that were copied to the case."""
    everybody = found(as_vera, VENDORS, term)

    shown = found(as_vera, VENDORS, term, case="open")

    assert set(shown) == {companies[contact] for contact in with_case}
    assert set(found(as_vera, VENDORS, term, case="none")) == set(everybody) - set(shown)


def test_words_of_the_profile_on_a_case_find_nobody_for_whoever_may_not_see_it(companies):
    stranger = create_staff(role="SomethingElse")

    def found_by(term):
        ways = search.ways_to_find(term, by=stranger, have_open_case=True)
        return set(admin_lists.best(Vendor.objects.all(), ways)[0])

    assert found_by("zoe") == set(companies.values()) - {companies["Anabel"]}
    assert found_by("ana") == set()


def test_search_says_that_there_is_more_than_it_shows(as_vera, monkeypatch):
    monkeypatch.setattr(admin_lists, "FOUND_AT_MOST", 3)
    monkeypatch.setattr(admin_lists.SearchedChangeList, "found_at_most", 3)
    for number in range(4):
        create_vendor(name=f"Ana {number}")
    create_vendor(name="Bo")

    many = as_vera.get(VENDORS, {"q": "ana"})
    few = as_vera.get(VENDORS, {"q": "bo"})

    assert len(many.context["cl"].result_list) == 3
    assert "the first 3" in " ".join(many.text.split())
    assert "The first 3 vendors" in " ".join(many.text.split())
    assert "the first" not in few.text.lower()


def test_best_matches_come_first(as_vera, monkeypatch):
    monkeypatch.setattr(admin_lists, "FOUND_AT_MOST", 4)
    create_vendor(name="Somebody", primary_email="ana@mail.example")
    create_vendor(name="Bea Ana")
    for number in range(5):
        create_vendor(name=f"Anatol {number}")

    shown = names(as_vera, "ana")

    assert shown[0] == "Bea Ana"
    assert len(shown) == 4
    assert names(as_vera, "ana@mail.example") == ["Somebody"]


# Everything that is known of a vendor


@pytest.fixture
def agency(db):
    vendor = create_vendor(
        name="Übersetzer O’Neill", state=VendorState.APPROVED, primary_email="office@agency-north.example"
    )
    approved_profile.adopt(
        vendor,
        approved(
            kind="company",
            full_name="Łucja Nowak",
            company_legal_name="Übersetzer O’Neill",
            phone="+442079460018",
            vat_number="GB980780684",
        ),
    )
    create_vendor(name="Somebody else", primary_email="else@mail.example", state=VendorState.APPROVED)
    return vendor


@pytest.mark.parametrize(
    "term",
    [
        "uebersetzer",
        "Ubersetzer",
        "o'neill",
        "Lucja Nowak",
        "łucja",
        "office@agency-north.example",
        "OFFICE@",
        "@agency-north.example",
        "agency-north.example",
        "agency-n",
        "+44 20 7946 0018",
        "0044 (0)20 7946-0018",
        "020 7946 0018",
        "(020) 79460018",
        "02079460018 ext 12",
        "tel: 020 7946 0018",
        "Telefon: 020 7946 0018",
        "☎ 020\u20117946\u20110018",
        "020 7946 0018 poste 12",
        "٠٢٠٧٩٤٦٠٠١٨",
        "+44 20 7946",
        "7946 0018",
        "GB 980 7806 84",
        "980780684",
        " \u200buebersetzer\u00a0",
        unicodedata.normalize("NFD", "Übersetzer"),
    ],
)
def test_vendor_is_found_by(as_vera, agency, term):
    assert names(as_vera, term) == [agency.name]


def test_vendor_is_found_by_a_former_address(as_vera, agency):
    create_email_change(vendor=agency, old="once@mail.example", state="confirmed")

    assert names(as_vera, "once@") == [agency.name]


def test_vendor_is_found_by_the_reference_of_a_case_or_a_submission(as_vera, agency):
    case = create_failure(user=agency.user)
    sent = create_submission(vendor=agency, state=Submission.State.APPROVED)

    for reference in (case.reference, sent.reference):
        for typed in (reference, reference.lower(), reference.replace("-", ""), reference.replace("-", " ")):
            assert names(as_vera, typed) == [agency.name]


def test_vendor_is_found_by_an_id_of_an_invitation(as_vera, agency):
    graphs, requests = (str(uuid.uuid4()) for _id in range(2))
    invitation = create_invitation(user=agency.user, address=agency.primary_email, graph_id=graphs, request_id=requests)

    for typed in (str(invitation.pk), graphs.upper(), f" {requests}\u200b"):
        assert names(as_vera, typed) == [agency.name]
    assert names(as_vera, str(uuid.uuid4())) == []


def test_what_only_the_profile_says_is_found_by_those_who_may_see_it(agency):
    def found_by(term):
        stranger = create_staff(role="SomethingElse")
        assert not stranger.has_perm("vendors.view_profile")
        rows, _number, _is_capped = admin_lists.best(Vendor.objects.all(), search.ways_to_find(term, by=stranger))
        return list(rows)

    assert found_by("020 7946 0018") == found_by("lucja") == found_by("GB980780684") == []
    assert found_by("uebersetzer") == [agency]


# The other lists


def test_submissions_are_found_by_whatever_finds_the_vendor(as_vera, agency):
    sent = create_submission(vendor=agency, state=Submission.State.APPROVED)

    for term in ("lucja", "o'neill", "office@", "agency-north.example", "020 7946 0018", sent.reference[:6].lower()):
        assert found(as_vera, SUBMISSIONS, term, state__exact="all") == [sent], term
    assert found(as_vera, SUBMISSIONS, "lucja") == []


@pytest.mark.parametrize("term", ["sean@a.example", "SEAN@", "a.example", "o'neill", "oneill"])
def test_cases_and_invitations_are_found_by_address_domain_and_name(as_vera, term):
    vendor = create_vendor(name="Seán O’Neill", primary_email="sean@a.example")
    case = create_failure(user=vendor.user, address="sean@a.example")
    invitation = create_invitation(user=vendor.user, address="sean@a.example")
    create_failure(address="else@mail.example")

    assert found(as_vera, CASES, term) == [case]
    assert found(as_vera, INVITATIONS, term) == [invitation]


def test_case_is_found_by_its_reference_and_by_those_in_it(as_vera):
    case = create_failure(address="ana@mail.example")
    other = create_failure(address="")
    person = FailurePerson.objects.create(
        failure=other,
        who="address:bo@mail.example",
        address="bo@mail.example",
        first_seen_at=other.first_seen_at,
        last_seen_at=other.last_seen_at,
    )

    assert found(as_vera, CASES, case.reference.replace("-", "").lower()) == [case]
    assert found(as_vera, CASES, case.reference[:6]) == [case]
    assert found(as_vera, CASES, person.reference) == [other]
    assert found(as_vera, CASES, "bo@") == [other]


def test_invitation_is_found_by_its_ids(as_vera):
    vendor = create_vendor()
    invitation = create_invitation(user=vendor.user, address="ana@mail.example", graph_id="g-1", request_id="r-1")
    create_invitation(user=create_vendor().user, address="bo@mail.example")

    for term in (str(invitation.pk), "g-1", "r-1"):
        assert found(as_vera, INVITATIONS, term) == [invitation]


@pytest.mark.parametrize(
    "url",
    [
        VENDORS,
        SUBMISSIONS,
        CASES,
        INVITATIONS,
        "/admin/vendors/emailchangerequest/",
        "/admin/vendors/document/",
        "/admin/identity/user/",
    ],
)
@pytest.mark.parametrize(
    "term", ["%", "_", "'", "\\", "!!", "a & b | !c:*", "<x>", "meida", "''", "'a' <-> 'b'", "\ufdfa" * 300, "@", "0"]
)
def test_odd_words_find_nothing_and_do_not_fail(url, term):
    create_vendor(name="Maria Almeida", primary_email="now@mail.example", state=VendorState.SUBMITTED)
    Submission.objects.update(reference="M2M2-M2M2")  # a random one may begin with an x

    assert found(signed_in(create_staff(role=ADMINISTRATOR)), url, term) == []


# Nothing found


def offered(client, url, term, **filters):
    answer = client.get(url, {"q": term, **filters})
    assert answer.text.count("nothing-found") <= 1
    section = answer.text.partition('nothing-found">')[2].partition("</div>")[0]
    return section.replace("&amp;", "&")


def test_nothing_found_leads_on(as_vera):
    create_vendor(name="Maria Almeida", state=VendorState.APPROVED)

    section = offered(as_vera, VENDORS, "new+1@mail.example")
    add = f"{reverse('admin:vendors_vendor_add')}?{urlencode({'primary_email': 'new+1@mail.example'})}"
    assert f'href="{add}"' in section
    assert "Add this address" in section
    assert f'href="{CASES}?q=new%2B1%40mail.example"' in section
    assert f'href="{SUBMISSIONS}?state__exact=all&q=new%2B1%40mail.example"' in section
    assert f'href="{VENDORS}?q=' not in section
    assert "new+1@mail.example" in as_vera.get(add).text

    assert "?q=maria" in offered(as_vera, VENDORS, "maria", state__exact="invited")
    assert "state__exact=all" in offered(as_vera, SUBMISSIONS, "maria")
    assert offered(as_vera, VENDORS, "maria") == ""


def test_adding_is_offered_to_those_who_may(db):
    for role, may_add in ((VENDOR_MANAGER, True), (AUDITOR, False)):
        section = offered(signed_in(create_staff(role=role)), VENDORS, "new@mail.example")
        assert ("vendor/add/" in section) is may_add
        assert f"{CASES}?q=" in section


# How much it costs


@pytest.mark.parametrize("url", [VENDORS, SUBMISSIONS])
def test_list_reads_nothing_long_that_it_does_not_show(as_vera, agency, url):
    """The words that vendors are found by, and answers, which would have to be decrypted."""
    create_submission(vendor=agency)
    with CaptureQueriesContext(connection) as captured:
        assert len(found(as_vera, url, "office@")) == 1

    read = " ".join(query["sql"].partition(" FROM ")[0] for query in captured.captured_queries)
    assert not [column for column in ("search_words", "profile_words", '."answers"') if column in read]


@pytest.mark.parametrize(
    ("url", "filters"), [(VENDORS, {}), (SUBMISSIONS, {"state__exact": "all"}), (CASES, {}), (INVITATIONS, {})]
)
def test_search_costs_the_same_whatever_it_finds(as_vera, url, filters):
    def statements():
        with CaptureQueriesContext(connection) as captured:
            assert as_vera.get(url, {"q": "ana", **filters}).status_code == 200
        return len(captured)

    def add(count):
        for _number in range(count):
            vendor = create_vendor(name="Ana", state=VendorState.SUBMITTED)
            create_failure(user=vendor.user)

    add(1)
    one = statements()
    add(4)

    assert statements() == one <= 8
    assert Invitation.objects.count() == 5


@pytest.mark.django_db
@pytest.mark.parametrize("term", ["8 (495) 123-45-67", "+7 495 123-45-67", "495 1234567"])
def test_number_is_found_by_what_is_dialled_at_home(as_vera, term):
    vendor = create_vendor(name="Igor", state=VendorState.APPROVED)
    approved_profile.adopt(vendor, approved(full_name="Igor", phone="+74951234567"))

    assert names(as_vera, term) == ["Igor"]
