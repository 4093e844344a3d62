"""What is encrypted at rest, while the keys change."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet
from django.db import connection

from identity.encrypted import CannotDecrypt
from onboarding.models import Draft
from tests.factories import create_draft, create_vendor

pytestmark = pytest.mark.django_db

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()
ANSWERS = {"about": {"about-full_name": "Łucja Nowak"}}


@pytest.fixture
def draft(settings) -> Draft:
    """Written before there was the new key."""
    settings.FIELD_ENCRYPTION_KEYS = [OLD]
    return create_draft(vendor=create_vendor(), answers=ANSWERS)


def stored(draft: Draft) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute("SELECT answers FROM onboarding_draft WHERE id = %s", [draft.pk])
        return bytes(cursor.fetchone()[0])


def test_second_key_still_reads(draft, settings):
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]

    assert Draft.objects.get().answers == ANSWERS


def test_first_key_writes(draft, settings):
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]
    Draft.objects.get().save()

    assert Fernet(NEW).decrypt(stored(draft))
    settings.FIELD_ENCRYPTION_KEYS = [NEW]
    assert Draft.objects.get().answers == ANSWERS


def test_key_that_is_gone_reads_nothing(draft, settings):
    settings.FIELD_ENCRYPTION_KEYS = [NEW]

    with pytest.raises(CannotDecrypt):
        Draft.objects.get()


def test_database_sees_nothing_in_clear(draft):
    assert b"Nowak" not in stored(draft)
    assert b"about" not in stored(draft)
