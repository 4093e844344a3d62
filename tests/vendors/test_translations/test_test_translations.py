"""Test translations: recorded, shown, removed, exported and erased."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from identity.roles import AUDITOR
from tests.clients import signed_in
from tests.factories import create_staff, create_vendor
from tests.records import events
from vendors import lifecycle, models
from vendors.models import VendorState
from vendors.privacy import erasure, export

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore:No directory at")]


@pytest.fixture
def vendor():
    return create_vendor(state=VendorState.ONBOARDING)


def url(vendor):
    return reverse("admin:vendors_vendor_tests", args=[vendor.pk])


def page(vendor):
    return reverse("admin:vendors_vendor_change", args=[vendor.pk])


def add(client, vendor, **changed):
    typed = {
        "source": "German",
        "target": "pl",
        "subject": "legal",
        "result": "passed",
        "assessor": "Otto Berg",
        "day": "3 March 2026",
    }
    return client.post(url(vendor), typed | changed, follow=True)


def test_recorded_once_and_shown_on_the_page(as_vera, vera, vendor):
    add(as_vera, vendor)
    answer = add(as_vera, vendor)

    test = models.TestTranslation.objects.get()
    assert (test.source, test.target, test.by, str(test.day)) == ("de", "pl", vera, "2026-03-03")
    for words in ("German → Polish", "passed", "Otto Berg", "3 March 2026"):
        assert words in answer.text
    assert events(vendor) == ["test_added"]
    assert "Otto Berg" in signed_in(create_staff(role=AUDITOR)).get(page(vendor)).text


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"source": ""}, "Enter the language of the source text."),
        ({"source": "Polish"}, "Enter a different language"),
        ({"subject": ""}, "Choose the subject."),
        ({"result": "brilliant"}, "errornote"),
        ({"assessor": " "}, "Enter who assessed it."),
        ({"day": "1 January 2999"}, "today or in the past"),
        ({"day": "soon"}, "errornote"),
    ],
)
def test_what_cannot_be_recorded_says_why_and_is_handed_back(as_vera, vendor, changed, words):
    answer = add(as_vera, vendor, **changed)

    assert words in answer.text
    assert 'value="Otto Berg"' in answer.text or "assessor" in changed
    assert not models.TestTranslation.objects.exists()


def test_removed_once_and_kept_in_the_history(as_vera, vendor):
    add(as_vera, vendor)
    test = models.TestTranslation.objects.get()

    as_vera.post(url(vendor), {"remove": test.pk})
    answer = as_vera.post(url(vendor), {"remove": test.pk}, follow=True)

    assert "already been removed" in answer.text
    assert not models.TestTranslation.objects.exists()
    assert test.history.filter(pgh_label="delete").exists()
    assert events(vendor) == ["test_added", "test_removed"]
    assert as_vera.post(url(vendor), {"remove": "²"}).status_code == 404


def test_of_another_vendor_nothing_is_removed(as_vera, vendor):
    add(as_vera, vendor)

    as_vera.post(url(create_vendor()), {"remove": models.TestTranslation.objects.get().pk})

    assert models.TestTranslation.objects.exists()


def test_exported_and_erased(as_vera, vendor):
    add(as_vera, vendor)
    [row] = export.export(vendor)["test_translations"]
    assert row["assessor"] == "Otto Berg"

    lifecycle.erase(vendor, reason="asked for it")
    erasure.finish(vendor)
    assert not models.TestTranslation.objects.exists()
    assert not models.TestTranslation.history.rel.related_model.objects.exists()
    add(as_vera, vendor, day=timezone.localdate().strftime("%d %B %Y"))
    assert not models.TestTranslation.objects.exists()
