"""The one door: what each kind of text loses, and what it keeps."""

import sys
import unicodedata
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.typed import cleaning
from tests.growth import assert_in_proportion

INVISIBLE = "\u00ad\u061c\u200b\u200e\u200f\u202a\u202e\u2060\u2066\u2069\ufeff"
SPACES = [chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) == "Zs"]
DIGITS = [chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) == "Nd"]


@pytest.mark.parametrize(
    ("kind", "typed", "clean"),
    [
        ("name", "\ufeffJose\u0301\u200b\u00a0 Almeida\u2060 ", "José Almeida"),
        ("name", "Ana\u3000Almeida", "Ana Almeida"),
        ("name", "Ana\r\nAlmeida", "Ana Almeida"),
        ("name", "Ana\u200d", "Ana"),
        ("name", "A\u200cn\u200da", "Ana"),
        ("name", "\u3164", ""),
        ("name", "می\u200cخواهم", "می\u200cخواهم"),
        ("name", "क्\u200dष", "क्\u200dष"),
        ("name", "അവന്\u200d", "അവന്\u200d"),  # the old spelling of a final letter
        ("name", "سارا\u200c احمدی", "سارا احمدی"),
        ("prose", "one\u2028two\r\nthree \u00a0 four\n\n", "one\ntwo\nthree four"),
        ("prose", "well done 👩\u200d💻", "well done 👩\u200d💻"),
        ("address", "ana@mail.example\u200b", "ana@mail.example"),
        ("address", "<ana@mail.example>", "ana@mail.example"),
        ("address", "Ana Almeida <ana@mail.example>", "ana@mail.example"),
        ("address", "“Almeida, Ana” <ana@mail.example>;", "ana@mail.example"),
        ("address", "mailto:ana@mail.example", "ana@mail.example"),
        ("address", "mailto:ana@mail.example?subject=Hello", "ana@mail.example"),
        ("address", "E-mail: ana@mail.example", "ana@mail.example"),
        ("address", "Email address : ana@mail.example.", "ana@mail.example"),
        ("address", "PayPal: ana@mail.example", "ana@mail.example"),
        ("address", "電子郵件：ana@mail.example", "ana@mail.example"),
        ("address", "'ana@mail.example'", "ana@mail.example"),
        ("address", "ａｎａ＠mail.example", "ana@mail.example"),
        ("address", "sinead.o\u2019brien@mail.example", "sinead.o'brien@mail.example"),
        ("address", "(ana@mail.example)", "ana@mail.example"),
        ("address", "[Ana Almeida](mailto:ana@mail.example)", "ana@mail.example"),
        ("address", "✉ ana@mail.example", "ana@mail.example"),
        ("address", "- ana @ mail.example (work)", "ana@mail.example"),
        ("address", "ana@mail。example", "ana@mail.example"),
        ("address", "ana@mail.example\u060c", "ana@mail.example"),
        ("address", "+ana@mail.example", "+ana@mail.example"),  # a sign that may be the address's own
        ("address", "ana@mail.example (or bo@mail.example)", "ana@mail.example (or bo@mail.example)"),
        ("address", "ana maria@mail.example", "ana maria@mail.example"),  # for a sentence about the space
        ("code", "１００－０００１", "100-0001"),
        ("code", "ＤＥ１３６６９５９７６", "DE136695976"),
        ("code", "ES91\u00a02100–0418", "ES91 2100-0418"),
        ("code", "“ES91 2100”", "ES91 2100"),
        ("code", "1\ufe0f2\ufe0f", "12"),
        ("number", "٠٫٠٨", "0,08"),
        ("number", "۰٫۰۸", "0,08"),
        ("number", "०.०८", "0.08"),
        ("number", "０．０８", "0.08"),
        ("number", "０，０８", "0,08"),
        ("number", "١٬٢٥٠", "1'250"),
        ("number", "−5", "-5"),
        ("word", "  «Deutsch», ", "deutsch"),
    ],
)
def test_what_was_typed_comes_out_clean(kind, typed, clean):
    assert cleaning.KINDS[kind](typed) == clean


@pytest.mark.parametrize("kind", sorted(cleaning.KINDS.keys() - {"address"}))
@given(text=st.text(alphabet=st.characters() | st.sampled_from("'\"«»“”.,:;- 12ab\u0301\u200b\u200d")))
def test_cleaning_once_is_enough(kind, text):
    clean = cleaning.KINDS[kind](text)

    assert cleaning.KINDS[kind](clean) == clean


@pytest.mark.parametrize("kind", sorted(cleaning.KINDS))
@given(text=st.text(), at=st.integers(min_value=0), sign=st.sampled_from(INVISIBLE))
def test_what_cannot_be_seen_makes_no_difference(kind, text, at, sign):
    at %= len(text) + 1

    assert cleaning.KINDS[kind](text[:at] + sign + text[at:]) == cleaning.KINDS[kind](text)


@pytest.mark.parametrize("kind", ["name", "prose", "word"])
@given(text=st.text())
def test_decomposed_text_is_composed(kind, text):
    clean = cleaning.KINDS[kind](unicodedata.normalize("NFD", text))

    assert clean == unicodedata.normalize("NFC", clean)
    assert clean == cleaning.KINDS[kind](text)


@pytest.mark.parametrize("kind", sorted(cleaning.KINDS))
def test_every_space_is_a_space(kind):
    assert {cleaning.KINDS[kind](f"a{space}b") for space in SPACES} == {"a b"}


@pytest.mark.parametrize("kind", ["address", "code", "number"])
def test_every_digit_there_is_becomes_a_plain_one(kind):
    assert {cleaning.KINDS[kind](digit) for digit in DIGITS} == set("0123456789")


@given(text=st.text(alphabet=st.characters(categories=["L"])))
def test_letters_of_any_script_stay(text):
    assert cleaning.name(text) == unicodedata.normalize("NFC", text).translate({0x3164: None, 0xFFA0: None})


@pytest.mark.parametrize(
    ("typed", "readings"),
    [
        ("USt-IdNr.: DE 136 695 976", ["USt-IdNr.: DE 136 695 976", "DE 136 695 976", "136 695 976"]),
        ("IBAN:ES91", ["IBAN:ES91", "ES91"]),
        ("VAT no. 12", ["VAT no. 12", "no. 12", "12"]),
        ("12 34", ["12 34"]),
        ("ID § 27 a: DE12", ["ID § 27 a: DE12", "§ 27 a: DE12", "27 a: DE12"]),
        ("§ 27 UStG: DE12", ["§ 27 UStG: DE12", "27 UStG: DE12", "DE12"]),
    ],
)
def test_words_in_front_may_be_a_label(typed, readings):
    assert list(cleaning.readings(typed)) == readings


@pytest.mark.parametrize(
    ("typed", "ways"),
    [
        ("DE89 3704, Commerzbank AG", ["DE89 3704, Commerzbank AG", "DE89 3704, Commerzbank", "DE89 3704"]),
        ("1010 Wien", ["1010 Wien", "1010"]),
        ("Deutsche Bank", ["Deutsche Bank"]),
        ("12 B01", ["12 B01"]),
    ],
)
def test_words_behind_may_be_none_of_the_code(typed, ways):
    assert list(cleaning.without_words_behind(typed)) == ways


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Company No. 07495895", "07495895"),
        ("KvK-nummer 12345678", "12345678"),
        ("St.Nr. 12 345/6789", "12 345/6789"),
        ("Reg nr 123", "123"),
        ("N° 12", "12"),
        ("no. 12", "12"),
        ("NO 995 525 828", "NO 995 525 828"),
        ("SC 123456", "SC 123456"),
    ],
)
def test_what_ends_in_number_is_a_label(typed, kept):
    assert cleaning.without_label(typed) == kept


@pytest.mark.parametrize("unit", ["ab: ", "nr.", "number", "a nr ", "no ", "word ", "1 word "])
def test_labels_are_found_in_time_in_proportion_to_the_length(unit):
    def find(length: int):
        text = (unit * length)[:length]
        return lambda: [*cleaning.readings(text), *cleaning.without_words_behind(text), cleaning.without_label(text)]

    assert_in_proportion(find, length=100_000)


@pytest.mark.parametrize(
    "unit", ["a", " ", "\u0301\u0327", "\u200b", "\u200d", '"', "<", "1,", "é", "क\u200d", "word ", ": "]
)
@pytest.mark.parametrize("kind", sorted(cleaning.KINDS))
def test_four_times_the_text_takes_about_four_times_as_long(kind, unit):
    assert_in_proportion(lambda length: partial(cleaning.KINDS[kind], (unit * length)[:length]), length=100_000)
