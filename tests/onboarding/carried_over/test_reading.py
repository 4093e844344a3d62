"""What a spreadsheet says of a vendor, read as the wizard reads it."""

import datetime as dt

import pytest

from onboarding.carried_over import reading
from vendors.onboarding_interface import BadValue

ANA = {
    "phone": "+351 912 345 678",
    "country": "Portugal",
    "pairs": "en-GB > pt-PT; German → pt-PT",
    "services": "translation; en-GB > pt-PT: post-editing",
    "rates": "translation 0.12 per word; en-GB > pt-PT: translation 0,14 EUR / word;en-GB>pt-PT:post-editing 25/hour",
    "currency": "eur",
}
EVIDENCE = {"degree": "MA Translation", "university": "Lisboa", "degree year": "2009", "translating since": "2010"}


def read(**cells: str):
    given = {name.replace("_", " "): cell for name, cell in cells.items()}
    return reading.read({name: cell for name, cell in (ANA | given).items() if cell}, name="Ana Almeida")


def test_what_is_given_is_what_the_wizard_would_have_kept():
    carried = read(terms_signed="3 May 2019")

    assert carried.answers["languages"]["pairs"] == [
        {"source": "en-GB", "target": "pt-PT"},
        {"source": "de", "target": "pt-PT"},
    ]
    assert [pair["services"] for pair in carried.answers["services"]["pairs"]] == [
        ["translation", "post_editing"],
        ["translation"],
    ]
    rates = [(r["source"], r["service"], r["amount"], r["unit"]) for r in carried.answers["rates"]["rates"]]
    assert rates == [
        ("en-GB", "translation", "0.1400", "source_word"),
        ("de", "translation", "0.1200", "source_word"),
        ("en-GB", "post_editing", "25.0000", "hour"),
    ]
    assert carried.answers["contact"]["phone"] == "+351912345678"
    assert carried.answers["payment"] == {"method": "later"}
    assert carried.signed == {"cooperation": dt.date(2019, 5, 3)}
    assert not {"tax", "qualifications"} & carried.answers.keys()


def test_evidence_and_tax_are_read_where_they_are_given():
    answers = read(**{name.replace(" ", "_"): cell for name, cell in EVIDENCE.items()}, VAT_number="999999990").answers

    assert answers["qualifications"]["degrees"][0]["title"] == "MA Translation"
    assert answers["qualifications"]["documents"] == {}
    assert answers["tax"]["vat_status"] == "registered"
    assert answers["tax"]["vat_number"] == "PT999999990"


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"pairs": "en-GB"}, "“pairs”, “en-GB” cannot be used. Write each pair like en-GB > de-DE"),
        ({"pairs": "en-GB > xyzzy"}, "“pairs”, “xyzzy” cannot be used. We don't know a language"),
        ({"phone": "12"}, "“phone”, “12” cannot be used. This doesn't look like a phone number"),
        ({"phone": ""}, "“phone”, something is missing. Enter your phone number."),
        ({"country": "Atlantis"}, "“country”, “Atlantis” cannot be used. Write the country's name"),
        ({"currency": "ZZZ"}, "“currency”, “ZZZ” cannot be used. Write its code, like EUR."),
        ({"rates": ""}, "“rates”, something is missing. Add a rate for “Translation”"),
        ({"rates": "translation"}, "“rates”, “translation” cannot be used. Write each rate like"),
        (
            {"rates": "translation 0.12"},
            "“rates”, “translation 0.12” cannot be used. Add one of these units: per source",
        ),
        ({"rates": "cooking 5 per hour"}, "“rates”, “cooking” cannot be used. Write one of these: Translation,"),
        ({"rates": "translation 1 per word; translation 2 per word"}, "already has a rate. Keep only one"),
        ({"rates": "fr > pt-PT: translation 1 per word"}, "This pair is not in the column “pairs”."),
        ({"rates": ANA["rates"].replace("0.12", "12")}, "“rates”, “12 per word” cannot be used. EUR 12.00"),
        ({"subjects": "cooking"}, "“subjects”, “cooking” cannot be used. Write one of these: Agriculture"),
        ({"VAT_number": "PT1"}, "“VAT number”, “PT1” cannot be used. This doesn't look like a valid VAT number"),
        (
            {"VAT_number": "999999990", "charges_VAT": "small business"},
            "Leave it empty, or write “yes” in “charges VAT”",
        ),
        ({"works_as": "boss"}, "“works as”, “boss” cannot be used. Write “freelancer”, “own company” or “company”."),
        ({"company": "X Ltd"}, "“company”, “X Ltd” cannot be used. Write “own company” or “company”"),
        ({"works_as": "company", "company": "X", "degree": "MA"}, "“MA” cannot be used. Leave this cell empty"),
        ({"degree": "MA"}, "“university”, something is missing."),
        ({"translating_since": "2050"}, "“translating since”, “2050” cannot be used."),
        ({"time_zone": "Mars"}, "“time zone”, “Mars” cannot be used. Write it like Europe/Lisbon."),
        ({"terms_signed": "soon"}, "“terms signed”, “soon” cannot be used. We can't read"),
        ({"terms_signed": "1 May 2090"}, "It cannot be in the future"),
    ],
)
def test_bad_value_is_refused_with_its_column_and_what_would_be_right(cells, said):
    with pytest.raises(BadValue) as caught:
        read(**cells)

    assert said in str(caught.value)
    assert "keep it" not in str(caught.value)
