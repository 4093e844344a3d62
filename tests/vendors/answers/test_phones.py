import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.spelling import SEPARATORS
from vendors.answers import phones

NUMBERS = [("+48221234567", "PL"), ("+4930901820", "DE"), ("+12125550100", "US"), ("+2250123456789", "CI")]
PUNCTUATION = [separator for separator in SEPARATORS if separator not in ("_", ", ", "  ")] + ["(", ")"]


@given(st.sampled_from(NUMBERS), st.booleans(), st.data())
def test_any_spelling_of_a_phone_number_is_the_same_number(valid, has_zeros, data):
    number, country = valid
    begin, rest = ("00" if has_zeros and country in ("PL", "DE") else "+"), number[1:]
    typed = begin + "".join(figure + data.draw(st.sampled_from(PUNCTUATION)) for figure in rest)

    assert phones.parse(typed, country=country) == number


@pytest.mark.parametrize(
    "typed",
    [
        *("12", "+48", "call me", "", "+999 12345678", "22 123 45 67 22 123 45 67 22"),
        *("22 123 45 67 or 89", "22 123 45 67 / 601 234 567", "22 123 45 67 x 601 234 567"),
    ],
)
def test_what_cannot_be_dialled_is_refused(typed):
    with pytest.raises(phones.NotAPhoneNumber):
        phones.parse(typed, country="PL")


@given(st.text(max_size=40), st.sampled_from(["PL", "US", "GB", "XK", ""]))
def test_any_text_is_a_phone_number_or_refused(text, country):
    try:
        number = phones.parse(text, country=country)
    except phones.NotAPhoneNumber:
        return
    assert phones.parse(number, country=country) == number
    assert phones.parse(phones.readable(number), country="") == number
    assert len(number) <= 32


@pytest.mark.parametrize(
    ("typed", "country", "kept"),
    [
        ("+52 1 55 1234 5678", "MX", "+525512345678"),
        ("WhatsApp: +52 1 55 1234 5678", "US", "+525512345678"),
        ("+521 55 1234 5678 x3", "MX", "+525512345678;ext=3"),
        ("020 7946 0018 ext 12", "GB", "+442079460018;ext=12"),
        ("020 7946 0018 x12", "GB", "+442079460018;ext=12"),
        ("030 901820 Durchwahl 12", "DE", "+4930901820;ext=12"),
        ("+48 22 123 45 67 wew. 5", "DE", "+48221234567;ext=5"),
        ("tel:+442079460018;ext=12", "", "+442079460018;ext=12"),
        ("Tel.: +48 22 123 45 67", "DE", "+48221234567"),
        ("Mobile: 07911 123456 (WhatsApp)", "GB", "+447911123456"),
        ("+44 (0)20 7946 0018", "DE", "+442079460018"),
        ("(+48) 22 123 45 67", "DE", "+48221234567"),
        ("٠٢٠٧٩٤٦٠٠١٨", "GB", "+442079460018"),
        ("０２０　７９４６　００１８", "GB", "+442079460018"),
        ("\u202a+48 22 123 45 67\u202c", "DE", "+48221234567"),
        ("0052 1 55 1234 5678", "DE", "+525512345678"),
        ("044 55 1234 5678", "MX", "+525512345678"),
        ("52 1 55 1234 5678", "MX", "+525512345678"),
        ("+39 (0)6 12345678", "IT", "+390612345678"),
        ("030 901820 App. 12", "DE", "+4930901820;ext=12"),
        ("0711/12345 Nst. 12", "DE", "+4971112345;ext=12"),
        ("+48 22 123 45 67 w. 5", "PL", "+48221234567;ext=5"),
        ("+7 495 123-45-67 вн. 12", "RU", "+74951234567;ext=12"),
        ("+81 3-1234-5678 内線12", "JP", "+81312345678;ext=12"),
        ("+86 10 6552 9988-12", "CN", "+861065529988;ext=12"),
        ("020 7946 0018 – [ext. 12]", "GB", "+442079460018;ext=12"),
        ("+49 30 901820-12", "DE", "+493090182012"),  # dialled as one number there
        ("0170 1234567 Handy", "DE", "+491701234567"),
        ("1-800-FLOWERS", "US", "+18003569377"),
        ("https://wa.me/447911123456", "US", "+447911123456"),
        ("0061 412 345 678", "AU", "+61412345678"),  # 0011 is what Australia dials
        ("0081 90 1234 5678", "JP", "+819012345678"),
        ("00 33 6 12 34 56 78", "US", "+33612345678"),
        ("001 212 555 0100", "US", "+12125550100"),
        ("007 495 123-45-67", "RU", "+74951234567"),
        ("+39 0333 1234567", "IT", "+393331234567"),
        ("0-22 123 45 67", "PL", "+48221234567"),
        ("+47 022 12 34 56", "NO", "+4722123456"),
        ("(0xx11) 91234-5678", "BR", "+5511912345678"),
        ("081-234-5678 ต่อ 12", "TH", "+66812345678;ext=12"),
    ],
)
def test_number_is_read_as_people_paste_it(typed, country, kept):
    assert phones.parse(typed, country=country) == kept


@given(
    st.sampled_from(NUMBERS),
    st.from_regex(r"[0-9]{1,5}", fullmatch=True),
    st.sampled_from(["x", " ext. ", " #", ", poste ", " App. ", " вн. ", " 内線", " (תחנה "]),
)
def test_extension_is_never_dropped(valid, extension, words):
    number, country = valid

    assert phones.parse(f"{number}{words}{extension}", country=country) == f"{number};ext={extension}"


@pytest.mark.parametrize("typed", ["+999 12345678", "+48 22 123 45 67 890"])
def test_length_that_we_do_not_know_is_asked_about(typed):
    with pytest.raises(phones.OddPhoneNumber) as odd:
        phones.parse(typed, country="PL")

    assert odd.value.as_typed == typed.replace(" ", "")
    assert phones.is_odd(odd.value.as_typed)


@pytest.mark.parametrize(
    ("typed", "country", "as_typed"),
    [
        ("555-0199", "US", "+15550199"),
        ("7946 0018", "GB", "+4479460018"),
        ("91234-5678", "BR", "+55912345678"),
        ("06 12 34 56 7", "FR", "+33061234567"),
    ],
)
def test_number_without_area_code_or_with_a_digit_too_few_is_asked_about(typed, country, as_typed):
    with pytest.raises(phones.OddPhoneNumber) as odd:
        phones.parse(typed, country=country)

    assert odd.value.as_typed == as_typed
    assert phones.is_odd(as_typed)


@pytest.mark.parametrize(
    "typed", ["030 901820 / 0171 1234567", "030 901820 oder 0171 1234567", "Büro: 030 901820, Handy: 0171 1234567"]
)
def test_two_numbers_are_said_to_be_two(typed):
    with pytest.raises(phones.NotAPhoneNumber, match="one phone number only"):
        phones.parse(typed, country="DE")


def test_endless_text_is_refused_at_once():
    with pytest.raises(phones.NotAPhoneNumber):
        phones.parse("+1" * 100_000, country="PL")
