import pytest
from django.test import Client

from tests.factories import create_vendor
from vendors.models import Vendor, VendorState


@pytest.fixture
def vendor(db):
    return create_vendor(state=VendorState.ONBOARDING, name="Łucja Nowak", primary_email="lucja@example.com")


@pytest.fixture
def as_vendor(client: Client, vendor: Vendor):
    client.force_login(vendor.user)
    return client
