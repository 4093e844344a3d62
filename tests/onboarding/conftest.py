import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from identity.models import User
from vendors.models import Vendor, VendorState


def create_vendor(
    *, state: str = VendorState.ONBOARDING, name: str = "Łucja Nowak", primary_email: str = "lucja@example.com"
) -> Vendor:
    return Vendor.objects.create(
        user=User.objects.create_user(email=primary_email),
        name=name,
        primary_email=primary_email,
        state=state,
        state_changed_at=timezone.now(),
    )


def create_staff(*permissions: str, email: str = "vm@sandberg.example") -> User:
    user = User.objects.create_user(email=email, is_staff=True)
    for permission in permissions:
        app, codename = permission.split(".")
        user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    return user


@pytest.fixture
def vendor(db: None) -> Vendor:
    return create_vendor()


@pytest.fixture
def as_vendor(client: Client, vendor: Vendor) -> Client:
    client.force_login(vendor.user, backend="identity.backends.EntraOpenIdConnect")
    return client
