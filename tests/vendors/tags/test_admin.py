"""VM puts tags on vendors and finds them by these."""

from __future__ import annotations

import pytest

from identity.roles import AUDITOR, FINANCE
from tests.clients import signed_in
from tests.factories import create_staff, create_vendor
from vendors import lifecycle
from vendors.models import Vendor, VendorEvent, VendorState, VendorTag
from vendors.privacy import erasure, export

pytestmark = pytest.mark.django_db


def page_of(vendor: Vendor) -> str:
    return f"/admin/vendors/vendor/{vendor.pk}/tags/"


def tags_of(vendor: Vendor) -> list[str]:
    return list(vendor.vendor_tags.values_list("tag", flat=True))


def test_tags_are_kept_once_in_small_letters_and_recorded(as_vera, vera):
    vendor = create_vendor()

    as_vera.post(page_of(vendor), {"tags": " Preferred, legal team;PREFERRED ", "seen": ""})

    assert tags_of(vendor) == ["legal team", "preferred"]
    event = VendorEvent.objects.get(vendor=vendor, kind=VendorEvent.Kind.TAGGED)
    assert (event.by, event.data) == (vera, {"tags_added": ["legal team", "preferred"]})


def test_what_is_left_out_is_removed_and_on_the_timeline(as_vera):
    vendor = create_vendor()
    as_vera.post(page_of(vendor), {"tags": "preferred, weekends"})

    as_vera.post(page_of(vendor), {"tags": "weekends", "seen": "preferred, weekends"})

    assert tags_of(vendor) == ["weekends"]
    page = as_vera.get(f"/admin/vendors/vendor/{vendor.pk}/change/").text
    assert 'Removed: <bdi translate="no">preferred</bdi>' in page


def test_same_tags_again_change_nothing(as_vera):
    vendor = create_vendor()
    as_vera.post(page_of(vendor), {"tags": "preferred"})

    as_vera.post(page_of(vendor), {"tags": "Preferred", "seen": "preferred"})

    assert VendorEvent.objects.filter(vendor=vendor, kind=VendorEvent.Kind.TAGGED).count() == 1


def test_a_colleague_who_was_quicker_is_not_overwritten_unseen(as_vera):
    vendor = create_vendor()
    as_vera.post(page_of(vendor), {"tags": "theirs"})

    refused = as_vera.post(page_of(vendor), {"tags": "mine", "seen": ""})

    assert tags_of(vendor) == ["theirs"]
    assert "They are now: theirs" in refused.text
    assert 'value="mine"' in refused.text
    form = refused.context["form"]
    as_vera.post(page_of(vendor), {"tags": "mine", "seen": form["seen"].value()})
    assert tags_of(vendor) == ["mine"]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [("x" * 41, "longer than 40 characters"), (",".join(f"tag {n}" for n in range(21)), "no more than 20 tags")],
)
def test_what_cannot_be_a_tag_is_refused_and_kept_as_typed(as_vera, typed, sentence):
    vendor = create_vendor()

    refused = as_vera.post(page_of(vendor), {"tags": typed})

    assert sentence in refused.text
    assert f'value="{typed}"' in refused.text
    assert tags_of(vendor) == []


def test_tags_of_others_are_offered(as_vera):
    as_vera.post(page_of(create_vendor()), {"tags": "rush jobs"})

    assert "rush jobs" in as_vera.get(page_of(create_vendor())).text


def test_list_shows_tags_and_finds_by_one(as_vera):
    for number in range(3):
        as_vera.post(page_of(create_vendor(name=f"Ana {number}")), {"tags": f"preferred, area {number}"})
    create_vendor(name="Bo")

    found = as_vera.get("/admin/vendors/vendor/?q=Preferred")

    assert [vendor.name for vendor in found.context["cl"].result_list] == ["Ana 0", "Ana 1", "Ana 2"][::-1]
    assert found.text.count('<span class="tag">preferred</span>') == 3


@pytest.mark.parametrize("role", [AUDITOR, FINANCE])
def test_who_does_not_edit_vendors_sees_tags_and_changes_none(as_vera, role):
    vendor = create_vendor()
    as_vera.post(page_of(vendor), {"tags": "preferred"})
    client = signed_in(create_staff(role=role))

    assert client.post(page_of(vendor), {"tags": "other"}).status_code == 403
    seen = client.get(f"/admin/vendors/vendor/{vendor.pk}/change/").text
    assert "preferred" in seen
    assert page_of(vendor) not in seen


def test_tags_are_exported_and_erased(as_vera, vera):
    vendor = create_vendor(state=VendorState.APPROVED)
    as_vera.post(page_of(vendor), {"tags": "preferred"})

    [exported] = export.export(vendor)["vendor_tags"]
    assert (exported["tag"], exported["by"]) == ("preferred", "staff")

    lifecycle.erase(vendor, by=vera, reason="asked for it")
    erasure.finish(vendor)
    assert not VendorTag.objects.exists()
    assert as_vera.get(page_of(vendor)).status_code == 404
