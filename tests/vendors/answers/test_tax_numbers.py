import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import get_cc_module

from tests.spelling import in_any_spelling, one_figure_changed
from vendors.answers import countries, national_rules, tax_numbers


@pytest.mark.parametrize(
    ("typed", "country", "kept"),
    [
        ("DE 136,695 976", "DE", "DE136695976"),
        ("136695976", "DE", "DE136695976"),
        ("EL 094259216", "GR", "EL094259216"),
        ("GR-094259216", "GR", "EL094259216"),
        ("094259216", "GR", "EL094259216"),
        ("XI 980 7806 84", "GB", "XI980780684"),
        ("gb 980 7806 84", "GB", "GB980780684"),
        ("980780684", "GB", "GB980780684"),
        ("980780684", "IM", "GB980780684"),
        ("CHE-107.787.577 IVA", "CH", "CHE107787577MWST"),
        ("CHE-107.787.577 TVA", "CH", "CHE107787577MWST"),
        ("CH 107.787.577", "CH", "CHE107787577MWST"),
        ("995 525 828", "NO", "NO995525828MVA"),
        ("NO 995 525 828 MVA", "NO", "NO995525828MVA"),
        ("57194903", "AT", "ATU57194903"),
        ("ATU57194903", "AT", "ATU57194903"),
        ("8D79739I", "IE", "IE8D79739I"),
        ("4495445B01", "NL", "NL004495445B01"),
        ("697449992", "BE", "BE0697449992"),
        ("X1234567L", "ES", "ESX1234567L"),
        ("61 954 506 077", "MC", "FR61954506077"),
        ("51 824 753 556", "AU", "51824753556"),
        ("T5835678256246", "JP", "5835678256246"),
        ("12 34 56", "MA", "123456"),
        # Registered in another country than the one of residence
        ("FR 61 954 506 077", "DE", "FR61954506077"),
        ("PL 526-000-12-46", "US", "PL5260001246"),
        # The letters in front are not those of a country
        ("ROS561231GR8", "MX", "ROS561231GR8"),
        ("CHP800102AK3", "MX", "CHP800102AK3"),
        ("ESA2005273X1", "MX", "ESA2005273X1"),
        ("RFC: CHP800102AK3", "MX", "CHP800102AK3"),
        ("12345676-1-42", "HU", "HU12345676"),
        # Copied with what it is called
        ("USt-IdNr.: DE136695976", "DE", "DE136695976"),
        ("USt-IdNr. DE 136 695 976", "PL", "DE136695976"),
        ("VAT number: 136695976", "DE", "DE136695976"),
        ("N° TVA : FR 61 954 506 077", "FR", "FR61954506077"),
        ("P. IVA 00743110157", "IT", "IT00743110157"),
        ("“DE136695976”", "DE", "DE136695976"),
        ("DE136695976 (USt-IdNr.)", "PL", "DE136695976"),
        ("VAT Reg. No.: DE136695976", "PL", "DE136695976"),
        ("VAT no 136695976", "DE", "DE136695976"),
        ("No. 136695976", "DE", "DE136695976"),
        ("Numéro de TVA FR 61 954 506 077", "FR", "FR61954506077"),
        ("Número de IVA: ES X1234567L", "DE", "ESX1234567L"),
        ("PEÑJ561231GR8", "MX", "PEÑJ561231GR8"),
        ("NIT 213123432-1", "CO", "2131234321"),
        ("ＤＥ１３６６９５９７６", "DE", "DE136695976"),
        ("DE١٣٦٦٩٥٩٧٦", "DE", "DE136695976"),
        ("D\u200bE136\u00a0695\u00a0976", "DE", "DE136695976"),
    ],
)
def test_vat_number_is_kept_with_the_prefix_of_its_country(typed, country, kept):
    assert tax_numbers.parse_vat(typed, country=country) == kept


@pytest.mark.parametrize(
    ("typed", "country", "named"),
    [
        ("DE136695977", "DE", "Germany"),
        ("136695977", "DE", "Germany"),
        ("DE136695977", "PL", "Germany"),
        ("XI980780685", "GB", "United Kingdom"),
        ("EL094259217", "CY", "Greece"),
        ("CHE-107.787.578 MWST", "CH", "Switzerland"),
        ("FR61954506078", "DE", "France"),
        ("ATU57194904", "DE", "Austria"),
        # Nobody is told of a country that the number only begins like
        ("ROS561331GR8", "MX", "Mexico"),
        ("ESA2013273X1", "MX", "Mexico"),
        ("SIRET 73282932000074", "FR", "France"),
        ("none", "SE", "3 to 24 digits"),
        ("", "FR", "3 to 24 digits"),
        ("1" * 100_000, "FR", "3 to 24 digits"),
    ],
)
def test_wrong_vat_number_is_refused_by_the_rules_of_its_country(typed, country, named):
    with pytest.raises(tax_numbers.NotANumber, match=named):
        tax_numbers.parse_vat(typed, country=country)


VALID = [
    ("DE136695976", "DE"),
    ("PL5260001246", "PL"),
    ("FR61954506077", "FR"),
    ("IT00743110157", "IT"),
    ("EL094259216", "GR"),
    ("XI980780684", "GB"),
    ("GB980780684", "GB"),
    ("CHE107787577MWST", "CH"),
    ("NO995525828MVA", "NO"),
    ("ATU57194903", "AT"),
    ("NL004495445B01", "NL"),
    ("ESX1234567L", "ES"),
]


@given(st.sampled_from(VALID), st.booleans(), st.data())
def test_any_spelling_of_a_vat_number_is_the_same_number(valid, is_bare, data):
    number, country = valid
    bare = number.removeprefix("CHE" if country == "CH" else number[:2])
    typed = data.draw(in_any_spelling(bare if is_bare and not number.startswith("XI") else number))

    assert tax_numbers.parse_vat(typed, country=country) == number


@given(st.sampled_from([each for each in VALID if each[1] in {"DE", "PL", "IT", "CH", "NO", "AT"}]), st.data())
def test_vat_number_with_one_wrong_figure_is_refused(valid, data):
    """Where the check figure promises that: it is a sum over all of them."""
    number, country = valid

    with pytest.raises(tax_numbers.NotANumber):
        tax_numbers.parse_vat(data.draw(one_figure_changed(number)), country=country)


COUNTRIES = [code for code, _name in countries.choices()]
TEXTS = st.text(max_size=40) | st.from_regex(r"[A-Z]{0,3}[0-9 .-]{0,14}[A-Z]{0,4}", fullmatch=True)


@given(TEXTS, st.sampled_from(COUNTRIES))
def test_any_text_is_a_vat_number_or_refused(text, country):
    try:
        number = tax_numbers.parse_vat(text, country=country)
    except tax_numbers.NotANumber:
        return
    assert tax_numbers.parse_vat(number, country=country) == number
    assert 3 <= len(number) <= 40


@given(TEXTS, st.sampled_from(COUNTRIES), st.sampled_from([tax_numbers.tax_number, tax_numbers.register_number]))
def test_any_text_is_a_number_or_refused(text, country, kind_in):
    try:
        number = tax_numbers.parse_number(text, kind=kind_in(country), country=country)
    except tax_numbers.NotANumber:
        return
    assert tax_numbers.parse_number(number, kind=kind_in(country), country=country) == number
    assert 3 <= len(number) <= 40


@pytest.mark.parametrize(
    ("typed", "country", "kept"),
    [
        ("PL 526-000-12-46", "PL", "5260001246"),
        ("501 964 843", "PT", "501964843"),
        ("RSSMRA85T10A562S", "IT", "RSSMRA85T10A562S"),
        ("552 008 443", "FR", "552008443"),
        ("732 829 320 00074", "FR", "73282932000074"),
        ("12/345.678", "AT", "12345678"),
        ("Steuernummer: 12/345.678", "AT", "12345678"),
        ("Steuernummer 12/345.678", "AT", "12345678"),
        ("12345676-1-42", "HU", "12345676-1-42"),
        ("12345676", "HU", "12345676"),
        ("8071592153", "HU", "8071592153"),
        ("DE136695976-00001", "DE", "DE136695976-00001"),
        ("W-IdNr.: DE 136695976 – 00001", "DE", "DE136695976-00001"),
        ("44051401359", "PL", "44051401359"),
        ("PESEL 44051401359", "PL", "44051401359"),
        ("NIP: 526-000-12-46", "PL", "5260001246"),
        ("GODE561231GR8", "MX", "GODE561231GR8"),
        ("ИНН 7707083893", "RU", "7707083893"),
        ("RFC ROS561231GR8", "MX", "ROS561231GR8"),
        ("１２３４５６７６", "HU", "12345676"),
        ("732 829 320 RCS Paris", "FR", "732829320"),
        ("Siren 732 829 320, RCS Paris", "FR", "732829320"),
        ("ИНН/КПП 7707083893/773601001", "RU", "7707083893"),
        ("St.Nr. 12 345/6789", "AT", "123456789"),
        ("BSN 111222333", "NL", "111222333"),
        ("PPS 6433435F", "IE", "6433435F"),
        ("IRD 49-091-850", "NZ", "49091850"),
        ("ת.ז. 039337423", "IL", "039337423"),
        ("マイナンバー 123456789018", "JP", "123456789018"),
        ("МК 4030006403630", "MK", "МК4030006403630"),
    ],
)
def test_tax_number_is_judged_by_its_country(typed, country, kept):
    assert tax_numbers.parse_number(typed, kind=tax_numbers.tax_number(country), country=country) == kept


@pytest.mark.parametrize(("typed", "country"), [("5260001247", "PL"), ("501964844", "PT"), ("552008444", "FR")])
def test_wrong_tax_number_is_refused(typed, country):
    with pytest.raises(tax_numbers.NotANumber):
        tax_numbers.parse_number(typed, kind=tax_numbers.tax_number(country), country=country)


@pytest.mark.parametrize(
    ("typed", "country", "kept"),
    [
        ("KvK 12345678", "NL", "12345678"),
        ("Company No. 07495895", "GB", "07495895"),
        ("HRB 123456", "DE", "HRB123456"),
        ("SC123456", "GB", "SC123456"),
    ],
)
def test_register_number_is_kept_without_its_label(typed, country, kept):
    assert tax_numbers.parse_number(typed, kind=tax_numbers.register_number(country), country=country) == kept


@pytest.mark.parametrize(
    ("typed", "country", "kept"),
    [
        ("USt-ID gemäß § 27 a Umsatzsteuergesetz: DE136695976", "DE", "DE136695976"),
        ("TRN 100123456700003", "AE", "100123456700003"),
        ("עוסק מורשה 516179157", "IL", "516179157"),
        ("УНП 200988541", "BY", "200988541"),
        ("GST/HST 123456789 RT0001", "CA", "123456789RT0001"),
    ],
)
def test_label_of_a_vat_number_is_dropped(typed, country, kept):
    assert tax_numbers.parse_vat(typed, country=country) == kept


def test_two_letters_of_another_script_may_belong_to_the_number():
    """As in the passports that some of Ukraine use for a tax number."""
    with pytest.raises(tax_numbers.OddNumber) as asked:
        tax_numbers.parse_number("АБ 123456", kind=tax_numbers.tax_number("UA"), country="UA")

    assert asked.value.as_typed == "АБ123456"


@pytest.mark.parametrize("typed", ["GODE561231", "RFC: GODE 561231"])
def test_mexican_number_without_its_end_is_asked_about(typed):
    with pytest.raises(tax_numbers.OddNumber):
        tax_numbers.parse_number(typed, kind=tax_numbers.tax_number("MX"), country="MX")


def test_every_rule_named_exists():
    named = [
        (country, rule)
        for kinds in (tax_numbers.TAX_NUMBERS, tax_numbers.REGISTER_NUMBERS)
        for country, kind in kinds.items()
        for rule in kind.rules
    ]

    assert [(country, rule) for country, rule in named if not _is_there(country, rule)] == []


def _is_there(country, rule):
    return (country, rule) in national_rules.RULES or get_cc_module(country.lower(), rule) is not None


def test_letters_of_a_foreign_country_are_no_label():
    """The digits alone may be right by chance at home."""
    with pytest.raises(tax_numbers.OddNumber):
        tax_numbers.parse_vat("FR 00743110157", country="IT")


@pytest.mark.parametrize(
    ("answer", "number"),
    [
        ({"vat_number": "DE136695976"}, 0),
        ({"vat_number": "DE136695977"}, 1),
        ({"tax_id": "123"}, 1),
        ({"tax_id": "123", "registration_number": "123"}, 1),
    ],
)
def test_what_the_rules_do_not_know_is_marked(answer, number):
    said = tax_numbers.doubts({"tax_residence": "DE" if "vat_number" in answer else "FI"} | answer)

    assert len(said) == number
    assert not any("123" in sentence or "136" in sentence for sentence in said)
    assert {*tax_numbers.TAX_NUMBERS, *tax_numbers.REGISTER_NUMBERS, *tax_numbers.WITHOUT_VAT} <= set(COUNTRIES)


@given(TEXTS, st.sampled_from(COUNTRIES))
def test_what_looks_odd_can_be_kept_as_it_is(text, country):
    """Kept once, it is found odd again, and never turned into something else."""
    for parse in (
        lambda text: tax_numbers.parse_vat(text, country=country),
        lambda text: tax_numbers.parse_number(text, kind=tax_numbers.tax_number(country), country=country),
    ):
        odd = _found_odd(parse, text)
        assert not odd or _found_odd(parse, odd) == odd


def _found_odd(parse, text):
    try:
        parse(text)
    except tax_numbers.OddNumber as odd:
        return odd.as_typed
    except tax_numbers.NotANumber:
        return ""
    return ""
