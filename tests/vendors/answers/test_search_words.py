import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.factories import create_vendor
from tests.vendors.profiles import approved, approved_vendor
from vendors import lifecycle
from vendors.answers import search_words
from vendors.email_change import lifecycle as email_change
from vendors.models import Profile, Vendor, VendorState
from vendors.privacy import erasure
from vendors.profile import approved_profile

NAMES = [
    "Łukasz Nowak-Åberg",
    "Siobhán O’Neill",
    "Jürgen Müller",
    "Søren Sørensen",
    "किरण देसाई",
    "王小明",
    "أحمد",
    "İpek Işık",
    "Straße GmbH",
    "Ἀλέξανδρος",
    "Фёдор Йорданов",
    "นิดา",
    "J.R. Smith",
]


def found(pieces: list[list[list[str]]], kept: list[str]) -> bool:
    """As PostgreSQL answers; tests/vendors/test_search.py asks it."""
    return bool(pieces) and all(any(set(way) <= set(kept) for way in alternatives) for alternatives in pieces)


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Søren Ødegård", "Soren"),
        ("Søren Ødegård", "odegaard"),
        ("Åke Åberg", "Ake"),
        ("Åke Åberg", "AAKE"),
        ("Łukasz Żak", "Lukasz"),
        ("Łukasz Żak", "zak"),
        ("Jürgen Müller", "Muller"),
        ("Jürgen Müller", "Mueller"),
        ("Jurgen Muller", "Müller"),
        ("Juergen Mueller", "Jürgen Müller"),
        ("Lukasz Zak", "Łukasz"),
        ("Soren", "Søren"),
        ("Siobhán O’Neill", "O'Neill"),
        ("Siobhán O'Neill", "O’Neill"),
        ("Siobhán O'Neill", "oneill"),
        ("Siobhan ONeill", "O’Neill"),
        ("Siobhan O Neill", "O'Neill"),
        ("Siobhán O`Neill", "neill"),
        ("Siobhán Oʼneill", "o´n"),
        ("Jean-Pierre Dupont", "jean pierre"),
        ("Jean-Pierre Dupont", "jeanpierre"),
        ("Jean Pierre Dupont", "Jean-Pierre"),
        ("Straße GmbH", "STRASSE"),
        ("Strasse GmbH", "straße"),
        ("किरण देसाई", "किरण"),
        ("किरण देसाई", "देसा"),
        ("सुमन", "सुमन"),
        ("王小明", "小明"),
        ("王小明", "王"),
        ("أحمد علي", "احمد"),
        ("İpek Işık", "ipek isik"),
        ("Ἀλέξανδρος", "αλεξανδροσ"),
        ("Фёдор", "федор"),
        ("Ａｎａ", "ana"),
        ("Agency 24", "Agency ２４"),
        ("Agency 24", "٢٤"),
        ("A.B.C. Translations", "ABC"),
        ("An\u200bna", "anna"),
        (unicodedata.normalize("NFD", "Zoë Núñez"), "Zoë Núñez"),
        ("Zoë Núñez", unicodedata.normalize("NFD", "Zoë Núñez")),
    ],
)
def test_what_is_typed_finds_the_name(name, typed):
    assert found(search_words.to_look_for(typed), search_words.to_keep([name]))


@pytest.mark.parametrize(
    ("name", "typed"),
    [("सुमन", "समन"), ("Maria Almeida", "meida"), ("Maria Almeida", "Maria Costa"), ("Ana", "Anna"), ("Ana", "!!")],
)
def test_what_is_typed_does_not_find_the_name(name, typed):
    assert not found(search_words.to_look_for(typed), search_words.to_keep([name]))


NAME = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40)


@given(name=NAME | st.sampled_from(NAMES), how=st.sampled_from(["NFC", "NFD", "upper", "lower", "as it is", "plain"]))
def test_every_name_is_found_by_itself_however_it_is_written(name, how):
    typed = {
        "NFC": lambda: unicodedata.normalize("NFC", name),
        "NFD": lambda: unicodedata.normalize("NFD", name),
        "upper": name.upper,
        "lower": name.lower,
        "as it is": lambda: name,
        "plain": lambda: search_words.fold(name),
    }[how]()
    query = search_words.to_look_for(typed)
    assume(query and len(typed.split()) <= search_words.WORDS_LIMIT)

    assert found(query, search_words.to_keep([name]))


@given(st.text(max_size=300))
def test_folding_again_changes_nothing(text):
    assert search_words.fold(search_words.fold(text)) == search_words.fold(text)


def test_long_text_is_looked_for_by_its_beginning():
    assert len(str(search_words.to_look_for("ö-" * 5000))) < 10_000
    assert search_words.to_look_for("a " * 5000) == [[["a"]]]


@pytest.mark.django_db
def test_long_words_are_found_by_their_beginnings():
    endless = "\ufdfa" * 200  # one letter that stands for eighteen
    assert found(search_words.to_look_for(endless), search_words.to_keep([endless]))
    assert max(map(len, create_vendor(name=endless).search_words)) <= search_words.WORD_LIMIT + 1


# The column is right, whoever writes the row


def all_right() -> bool:
    vendors = [(row.search_words, search_words.to_keep([row.name])) for row in Vendor.objects.all()]
    profiles = [
        (row.search_words, search_words.to_keep([row.full_name, row.display_name, row.company_legal_name]))
        for row in Profile.objects.all()
    ]
    assert vendors or profiles
    return all(kept == right for kept, right in vendors + profiles)


@pytest.mark.django_db
def test_words_follow_whatever_writes_the_row():
    vendor = lifecycle.add(name="Łucja Nowak", primary_email="lucja@mail.example", language="pl-PL")
    assert vendor.search_words == search_words.to_keep(["Nowak Lucja"])
    assert all_right()

    vendor.name = "Łucja Åberg"
    vendor.save(update_fields=["name"])
    assert all_right()

    Vendor.objects.filter(pk=vendor.pk).update(name="Müller")
    assert Vendor.objects.get().search_words == search_words.to_keep(["Muller"])

    approved_profile.adopt(vendor, approved(full_name="Søren Holm", display_name="Sø"))
    assert Vendor.objects.get().name == "Søren Holm"
    assert all_right()

    approved_profile.adopt(
        vendor, approved(kind="company", full_name="Søren Holm", company_legal_name="Übersetzer GmbH")
    )
    assert "ubersetzer." in Profile.objects.get().search_words
    assert all_right()

    email_change.start(vendor, new="new@mail.example", reason="asked for it")
    assert all_right()


@pytest.mark.django_db
def test_words_go_with_the_name_when_a_vendor_is_erased():
    vendor = create_vendor(name="Łucja Nowak", state=VendorState.ERASED)

    erasure.finish(vendor)

    assert Vendor.objects.get().search_words == []


@pytest.mark.django_db
def test_words_are_made_for_rows_written_together():
    vendor = create_vendor()
    profile = Profile(
        vendor=vendor,
        full_name="Łucja",
        phone="+48221234567",
        address_lines="ul. Prosta 1",
        locality="Warszawa",
        country="PL",
        time_zone="Europe/Warsaw",
        currency="EUR",
    )
    Profile.objects.bulk_create([profile])

    assert Profile.objects.get().search_words == search_words.to_keep(["Lucja"])


@pytest.mark.django_db
def test_writing_that_would_leave_words_behind_is_refused():
    vendor = approved_vendor()
    vendor.name = "Bea"
    with pytest.raises(ValueError, match="search_words cannot be made from name here"):
        Vendor.objects.bulk_update([vendor], ["name"])
    with pytest.raises(ValueError, match="search_words cannot be made from full_name"):
        Profile.objects.update(full_name="Bea")  # the words of the other names are not known here
