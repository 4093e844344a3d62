"""One dictionary says what Django's seven said, and is asked once."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext, ngettext, trans_real


def test_every_text_is_what_it_was():
    as_django_has_it = trans_real.DjangoTranslation(settings.LANGUAGE_CODE)
    merged = trans_real.translation(settings.LANGUAGE_CODE)
    assert len(as_django_has_it._catalog._catalogs) > 1
    assert len(merged._catalog._catalogs) == 1
    assert merged._fallback is None

    single = {key for key in as_django_has_it._catalog.keys() if isinstance(key, str) and key}  # noqa: SIM118  no dict
    assert len(single) > 50
    assert {key: as_django_has_it.gettext(key) for key in single} == {key: merged.gettext(key) for key in single}
    plural = {key[0] for key in as_django_has_it._catalog.keys() if isinstance(key, tuple)}  # noqa: SIM118
    for number in (0, 1, 2, 11):
        assert {key: as_django_has_it.ngettext(key, "", number) for key in plural} == {
            key: merged.ngettext(key, "", number) for key in plural
        }


def test_text_that_is_in_none_stays_as_it_is():
    assert gettext("Nobody has translated this.") == "Nobody has translated this."
    assert [ngettext("one apple", "apples", number) for number in (0, 1, 2)] == ["apples", "one apple", "apples"]
