import pytest
from hypothesis import given
from hypothesis import strategies as st

from vendors.answers import languages


@pytest.mark.parametrize(
    ("typed", "tag"),
    [
        ("inglés", "en"),
        ("Englisch (UK)", "en-GB"),
        ("немецкий", "de"),
        ("英語", "en"),
        ("français canadien", "fr-CA"),
        ("简体中文", "zh-Hans"),
        ("Québécois", "fr-CA"),
        ("Greek (modern)", "el"),
        ("zh-yue", "yue"),
        ("de_DE.UTF-8", "de-DE"),
        ("German", "de"),
        ("  gERMAN ", "de"),
        ("Deutsch", "de"),
        ("de", "de"),
        ("de_at", "de-AT"),
        ("German (Austria)", "de-AT"),
        ("Chinese (Simplified)", "zh-Hans"),
        ("simplified chinese", "zh-Hans"),
        ("zh-TW", "zh-Hant"),
        ("zh-HK", "zh-Hant-HK"),
        ("Norwegian Bokmål", "nb"),
        ("nynorsk", "nn"),
        ("Serbian (Latin)", "sr-Latn"),
        ("sr-cyrl", "sr-Cyrl"),
        ("Brazilian Portuguese", "pt-BR"),
        ("pt-PT", "pt-PT"),
        ("en-UK", "en-GB"),
        ("iw", "he"),
        ("Farsi", "fa"),
        ("日本語", "ja"),
        ("ja-JP", "ja"),
        ("pl-PL", "pl"),
        ("he-IL", "he"),
        ("he_IL.", "he"),
        ("zh-MO", "zh-Hant-HK"),
        ("zh-Hans-SG", "zh-Hans"),
        ("zh-MY", "zh-Hans"),
        ("sr-Latn-RS", "sr-Latn"),
        ("pt-AO", "pt-PT"),
        ("es-PE", "es-419"),
        ("de-LI", "de"),
        ("az-Latn-AZ", "az"),
        ("ca-ES-valencia", "ca"),
        ("de-DE-1996", "de-DE"),
        ("ja-JP-u-ca-japanese", "ja"),
        ("ger", "de"),
        ("deu", "de"),
        ("jpn", "ja"),
        ("fra", "fr"),
        ("fre", "fr"),
        ("cze", "cs"),
        ("hye", "hy"),
        ("arb", "ar"),
        ("yue", "yue"),
        ("ase", "ase"),
        ("syl", "syl"),
        ("Sylheti", "syl"),
        ("Mexican Spanish", "es-MX"),
        ("Spanish - Mexico", "es-MX"),
        ("Spanish/Latin America", "es-419"),
        ("LatAm Spanish", "es-419"),
        ("French Canadian", "fr-CA"),
        ("Canadian French", "fr-CA"),
        ("English, US", "en-US"),
        ("European Spanish", "es-ES"),
        ("Swiss Italian", "it-CH"),
        ("Austrian German", "de-AT"),
        ("Deutsch (Österreich)", "de-AT"),
        ("Chinese (Taiwan)", "zh-Hant"),
        ("Chinese, Hong Kong", "zh-Hant-HK"),
        ("Mandarin (Simplified)", "zh-Hans"),
        ("Serbian Cyrillic", "sr-Cyrl"),
        ("Kiswahili", "sw"),
        ("Simplified Chinese (China)", "zh-Hans"),
        ("Chinese (Simplified, China)", "zh-Hans"),
        ("Brazilian Portuguese (pt-BR)", "pt-BR"),
        ("Persian (Farsi)", "fa"),
        ("Filipino (Tagalog)", "fil"),
        ("Dutch (Flemish)", "nl-BE"),
        ("Spanish (Spain, International)", "es-ES"),
        ("German/DE", "de-DE"),
        ("Spanish-Mexico", "es-MX"),
        ("English (Nigeria)", "en"),
        ("Português do Brasil", "pt-BR"),
        ("Portugués de Brasil", "pt-BR"),
        ("Português europeu", "pt-PT"),
        ("Português de Angola", "pt-PT"),
        ("Español de México", "es-MX"),
        ("español mexicano", "es-MX"),
        ("Español de América Latina", "es-419"),
        ("Español neutro", "es"),
        ("English (UK)", "en-GB"),
        ("English (U.K.)", "en-GB"),
        ("U.S.A. English", "en-US"),
        ("English from the UK", "en-GB"),
        ("Inglês dos Estados Unidos", "en-US"),
        ("anglais des États-Unis", "en-US"),
        ("Deutsch Österreich", "de-AT"),
        ("Deutsch aus Österreich", "de-AT"),
        ("Österreichisches Deutsch", "de-AT"),
        ("Français canadien", "fr-CA"),
        ("Français du Canada", "fr-CA"),
        ("Français de Suisse", "fr-CH"),
        ("français de France", "fr-FR"),
        ("Französisch (Kanada)", "fr-CA"),
        ("Français belge", "fr-BE"),
        ("italiano svizzero", "it-CH"),
        ("Belgisch Nederlands", "nl-BE"),
        ("Nederlands van België", "nl-BE"),
        ("Finlandssvenska", "sv-FI"),
        ("Srpski (latinica)", "sr-Latn"),
        ("中文（繁體）", "zh-Hant"),
        ("中文（简体）", "zh-Hans"),
        ("繁體中文（香港）", "zh-Hant-HK"),
        ("Oriya", "or"),
        ("“Polish”", "pl"),
        ("Pol\u200bish", "pl"),
        ("Franc\u0327ais", "fr"),
        ("\uff50\uff4c", "pl"),
        ("Bahasa Malaysia", "ms"),
        ("hi-Latn", "hi"),  # and not the English of India, where CLDR leads
        ("hbs", "sh"),
        ("British", "en-GB"),
        ("język polski", "pl"),
        ("русский язык", "ru"),
        ("limba română", "ro"),
        ("Western Armenian", "hyw"),
        ("Gulf Arabic", "afb"),
        ("Darija", "ary"),
        ("British Sign Language", "bfi"),
    ],
)
def test_what_people_type_is_understood(typed, tag):
    assert languages.parse(typed) == tag


@pytest.mark.parametrize(
    ("typed", "options"),
    [
        ("Chinese", ["Chinese (Simplified)", "Chinese (Traditional)"]),
        ("zh", ["Chinese (Simplified)", "Chinese (Traditional)"]),
        ("mandarin", ["Chinese (Simplified)", "Chinese (Traditional)"]),
        ("no", ["Norwegian Bokmål", "Norwegian Nynorsk"]),
        ("Norsk", ["Norwegian Bokmål", "Norwegian Nynorsk"]),
        ("Serbian", ["Serbian (Cyrillic)", "Serbian (Latin)"]),
        ("pt", ["Portuguese (Brazil)", "Portuguese (Portugal)"]),
        ("Português", ["Portuguese (Brazil)", "Portuguese (Portugal)"]),
    ],
)
def test_language_with_two_written_forms_is_asked_back(typed, options):
    with pytest.raises(languages.UnknownLanguage) as refused:
        languages.parse(typed)

    assert all(option in str(refused.value) for option in options)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Ukrianian", "Ukrainian"),
        ("Germna", "German"),
        ("Portugese (Brazil)", "Portuguese (Brazil)"),
        ("Lithuanain", "Lithuanian"),
        ("Hungarain", "Hungarian"),
        ("Espanol", "Spanish"),
        ("Chinese", "Chinese (Simplified)"),
    ],
)
def test_near_miss_is_offered(typed, meant):
    with pytest.raises(languages.UnknownLanguage) as refused:
        languages.parse(typed)

    assert meant in refused.value.meant


@pytest.mark.parametrize(
    ("typed", "tag", "shown"),
    [
        ("Walliserdeutsch", "x-walliser-deutsch", "Walliserdeutsch"),
        ("Upper Wobblian", "x-upper-wobblian", "Upper wobblian"),
        ("xqz", "xqz", "xqz"),
    ],
)
def test_language_that_no_list_has_can_be_kept(typed, tag, shown):
    with pytest.raises(languages.OddLanguage) as odd:
        languages.parse(typed)

    assert odd.value.as_typed == tag
    assert languages.name(tag) == shown
    assert languages.is_odd(tag)
    assert languages.is_tag(tag)
    assert len(tag) <= languages.LONGEST_TAG


@pytest.mark.parametrize("typed", ["a" * 100_000, "x-" * 50_000, "Spanish " * 20_000])
def test_endless_text_is_refused_at_once(typed):
    with pytest.raises(languages.UnknownLanguage):
        languages.parse(typed)


@pytest.mark.parametrize(
    "typed",
    ["xx", "Elvish of the North", "und", "", "-", "German, French", "English (UK, US)", "German, Dansk"],
)
def test_unknown_language_is_refused(typed):
    with pytest.raises(languages.UnknownLanguage):
        languages.parse(typed)


def test_every_offered_name_is_understood():
    assert {name: languages.parse(name) for _tag, name in languages.choices()} == {
        name: tag for tag, name in languages.choices()
    }


def test_every_offered_tag_has_a_name_of_its_own():
    names = [name for _tag, name in languages.choices()]

    assert len(set(names)) == len(names) == len(languages.TAGS)
    assert not any(name in languages.TAGS for name in names)


@given(st.sampled_from(languages.TAGS), st.data())
def test_any_spelling_of_a_language_is_the_same_tag(tag, data):
    spelling = data.draw(st.sampled_from([tag, tag.replace("-", "_"), languages.name(tag)]))
    change = data.draw(st.sampled_from([str.upper, str.lower, str.title, str]))
    around = st.sampled_from(["", " ", "\u00a0"])

    typed = data.draw(around) + change(spelling).replace(" ", data.draw(st.sampled_from([" ", "  "]))) + "."

    assert languages.parse(typed) == tag


@given(st.text(max_size=40))
def test_any_text_is_a_tag_or_refused(text):
    try:
        tag = languages.parse(text)
    except languages.UnknownLanguage:
        return
    assert tag not in languages.TOO_WIDE
    assert languages.parse(languages.name(tag)) == tag


def test_short_form_that_means_two_languages_is_asked_about():
    with pytest.raises(languages.UnknownLanguage, match="can mean") as refused:
        languages.parse("MSA")

    assert refused.value.meant == ["Malay", "Arabic"]
    assert languages.parse("msa") == "ms"  # the code
