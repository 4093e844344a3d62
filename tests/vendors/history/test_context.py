"""Who made a change is said to the database with each write to a table that has a history, and with no other."""

from __future__ import annotations

import pghistory
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pghistory.models import Context

from identity.models import User
from tests.factories import create_vendor
from vendors.models import Vendor, VendorState

pytestmark = pytest.mark.django_db


def test_write_to_table_without_history_says_nothing():
    vendor = create_vendor()
    with CaptureQueriesContext(connection) as captured, pghistory.context(task="tests"):
        User.objects.filter(pk=vendor.user_id).update(email="new@mail.example")

    [update] = [query["sql"] for query in captured.captured_queries]
    assert update.startswith("UPDATE"), update


@pytest.mark.parametrize("how", ["update", "sql", "delete"])
def test_write_to_table_with_history_says_who(how):
    vendor = create_vendor(state=VendorState.PREPARED)
    with pghistory.context(task="tests"):
        if how == "update":
            Vendor.objects.filter(pk=vendor.pk).update(name="Dora")
        elif how == "sql":
            with connection.cursor() as cursor:
                cursor.execute(f"UPDATE vendors_vendor SET name = 'Dora' WHERE id = {vendor.pk}")
        else:
            Vendor.objects.filter(pk=vendor.pk)._raw_delete("default")

    event = Vendor.history.rel.related_model.objects.filter(pgh_obj_id=vendor.pk).latest("pgh_id")
    assert event.pgh_label == ("delete" if how == "delete" else "update")
    assert Context.objects.get(pk=event.pgh_context_id).metadata == {"task": "tests"}
