"""What an agency is asked about its linguists, its certificates and who to talk to."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils.datastructures import MultiValueDict
from hypothesis import given
from hypothesis import strategies as st

from onboarding import forms
from onboarding.forms import linguists
from onboarding.forms.base import as_typed
from tests.onboarding import answers
from vendors.models import Document, Vendor

DE_PL, FR_PL = {"source": "de", "target": "pl"}, {"source": "fr", "target": "pl"}
OFFERED = [{**pair, "services": ["translation", "revision"]} for pair in (DE_PL, FR_PL)]
HELD = {part: answers.CERTIFICATES[f"insurance-{part}"] for part in ("number", "issued_by", "scope", "expires_on")}
LIGHT = 60_000  # bytes of a page before compression


def form(kind: Any, typed: dict[str, Any], *, slots: tuple[str, ...] = (), **earlier: Any) -> Any:
    known = {"about": {"kind": "company"}, "languages": {"pairs": [DE_PL]}, "services": {"pairs": OFFERED}}
    data = MultiValueDict({name: as_typed(value) for name, value in typed.items()})
    documents = {slot: Document(slot=slot, name="file.pdf") for slot in slots}
    return kind(data=data, vendor=Vendor(name="Łucja"), earlier=known | earlier, documents=documents)


def team(**changed: Any) -> Any:
    return form(forms.TeamForm, answers.TEAM | changed)


def certificates(*, slots: tuple[str, ...] = ("insurance",), pairs: Any = (DE_PL,), **changed: Any) -> Any:
    typed = answers.CERTIFICATES | {name.replace("__", "-"): value for name, value in changed.items()}
    return form(forms.CompanyCertificatesForm, typed, slots=slots, languages={"pairs": list(pairs)})


def held(*slots: str, **changed: str) -> dict[str, Any]:
    fields = {f"{slot}__{part}": value for slot in slots for part, value in (HELD | changed).items()}
    return {"holds": list(slots), "slots": slots, **fields}


@pytest.mark.parametrize(
    ("changed", "refused"),
    [
        ({}, set()),
        ({"linguists_in_house": "0", "in_house_pairs": [], "in_house_services": []}, set()),
        ({"linguists_in_house": "0"}, {"linguists_in_house"}),
        ({"linguists_in_house": "0", "linguists_freelance": "0"}, {"linguists_in_house"}),
        ({"linguists_freelance": "about ten"}, {"linguists_freelance"}),
        ({"linguists_freelance": "٦٠"}, set()),
        ({"selection": [], "revision": ""}, {"selection", "revision"}),
        # Ticked for a pair and a service that are gone since: no mistake, and not said of others.
        ({"in_house_pairs": ["sv.pl"], "in_house_services": ["subtitling"]}, set()),
    ],
)
def test_team_is_judged(changed, refused):
    judged = team(**changed)

    assert set(judged.errors) == refused
    assert not judged.is_valid() or not {"sv.pl", "subtitling"} & set(
        judged.answer()["in_house_pairs"] + judged.answer()["in_house_services"]
    )


@pytest.mark.parametrize(
    ("changed", "refused"),
    [
        ({}, set()),
        ({"holds": [], "slots": (), "undertakes": "no"}, set()),
        ({"holds": [], "slots": (), "undertakes": ""}, {"undertakes"}),
        # ISO 9001 is not ISO 17100
        ({**held("iso_9001"), "undertakes": ""}, {"undertakes"}),
        ({**held("iso_17100"), "undertakes": "", "linguist__0__route": ""}, set()),
        ({**held("iso_17100"), "slots": ()}, {"iso_17100"}),
        (held("iso_17100", expires_on="1 March 2020"), {"iso_17100-expires_on"}),
        (
            held("iso_18587", number="", issued_by="", scope="", expires_on=""),
            {f"iso_18587-{part}" for part in HELD},
        ),
        ({"linguist__1__route": ""}, {"linguist-1-route"}),
        (
            {"linguist__0__initials": "", "linguist__0__route": "", "linguist__1__remove": "on"},
            {"linguist-0-initials", "linguist-0-route"},
        ),
        ({"undertakes": "no", "linguist__1__route": "nonsense"}, set()),
    ],
)
def test_certificates_and_list_are_judged(changed, refused):
    assert set(certificates(**changed).errors) == refused


def test_certificate_and_list_are_answered_in_full():
    form_of_certified = certificates(**held("iso_17100", "insurance"))
    assert form_of_certified.is_valid(), form_of_certified.errors
    certified = form_of_certified.answer()
    assert [row["slot"] for row in certified["certificates"]] == ["iso_17100", "insurance"]
    assert certified["certificates"][0] == HELD | {
        "slot": "iso_17100",
        "kind": "iso_17100",
        "expires_on": "2031-03-31",
    }
    assert (certified["undertakes"], certified["linguists"]) == (False, [])

    listed = certificates(pairs=(DE_PL, FR_PL), linguist__0__pairs="French → Polish", linguist__1__pairs=["de.pl"])
    assert listed.is_valid(), listed.errors
    assert [(row["initials"], row["pairs"]) for row in listed.answer()["linguists"]] == [
        ("A. B., C. D.", ["fr.pl"]),
        ("E. F.", ["de.pl"]),
    ]
    without = certificates(pairs=(DE_PL, FR_PL), linguist__0__pairs=["sv.pl"], linguist__1__pairs=["de.pl"])
    assert set(without.errors) == {"linguist-0-pairs"}


def test_lines_are_added_closed_up_and_removed():
    typed = certificates(linguist__0__remove="on").typed(another_row=True)

    assert (typed["linguists"], typed["linguist-0-initials"], typed["linguist-1-initials"]) == (["2"], ["E. F."], [""])
    assert "linguist-0-remove" not in typed


def test_certificate_renewed_after_approval_is_not_out_of_date():
    judged = certificates(insurance__expires_on="3 March 2020")
    judged.documents["insurance"].expires_on = dt.date(2099, 1, 1)

    assert judged.is_valid(), judged.errors
    assert judged.answer()["certificates"][0]["expires_on"] == "2099-01-01"


def test_contacts_are_read_with_the_country_of_the_company():
    contact = {name: value for name, value in answers.CONTACT.items() if name not in forms.ContactForm.OF_A_PERSON}
    judged = form(forms.ContactForm, contact | {"projects_phone": "22 123 45 68", "accounts_phone": "no number"})

    assert set(judged.errors) == {"accounts_phone"}
    assert judged.cleaned_data["projects_phone"] == "+48221234568"


TEXTS = st.one_of(st.text(max_size=20), st.sampled_from(["0", "yes", "on", "insurance", "iso_17100", "de.pl", "2"]))


@given(st.fixed_dictionaries({name: TEXTS for name in [*answers.TEAM]}))
def test_any_team_is_judged_without_an_exception(typed):
    team(**typed).is_valid()


@given(st.fixed_dictionaries({name: TEXTS for name in [*answers.CERTIFICATES, "linguist-0-pairs"]}))
def test_any_certificates_are_judged_without_an_exception(typed):
    judged = form(forms.CompanyCertificatesForm, typed, languages={"pairs": [DE_PL, FR_PL]})

    judged.is_valid()
    judged.typed(another_row=True)


@pytest.mark.django_db
def test_fullest_pages_of_an_agency_are_light(as_vendor):
    languages = {name: value for name, value in answers.languages_of(54).items() if not name.startswith("native")}
    agency = answers.of_an_agency() | {"languages": languages}
    answers.fill_in(as_vendor, up_to="team", **agency)
    full = {
        f"linguist-{number}-{part}": "x" * 150 for number in range(linguists.MAX_ROWS) for part in ("initials", "pairs")
    }
    answers.save(
        as_vendor, "certificates", answers.CERTIFICATES | full | {"linguists": str(linguists.MAX_ROWS)}, exit="yes"
    )
    answers.save(as_vendor, "team", answers.TEAM, exit="yes")

    sizes = {step: len(as_vendor.get(answers.url(step)).content) for step in ("team", "certificates")}

    assert all(size < LIGHT for size in sizes.values()), sizes
