import pytest
from hypothesis import given
from hypothesis import strategies as st

from vendors.answers import languages


@pytest.mark.parametrize(
    ("typed", "tag"),
    [
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


@pytest.mark.parametrize("typed", ["xx", "Elvish of the North", "und", "", "-"])
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
