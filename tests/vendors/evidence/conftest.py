"""Łucja, approved, with a degree in translation, seven years of legal work, and files of both."""

from __future__ import annotations

import pytest

from tests.factories import create_vendor
from tests.vendors.evidence.profile import profile
from tests.vendors.stored_documents import store
from vendors.models import Vendor, VendorState


@pytest.fixture
def lucja(db: None) -> Vendor:
    vendor = create_vendor(state=VendorState.APPROVED, primary_email="lucja@example.com", name="Łucja Nowak")
    for slot in ("cv", "degree"):
        store(vendor, slot)
    profile(vendor)
    return vendor
