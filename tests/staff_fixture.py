"""Vera of Vendor Management, and her browser."""

from __future__ import annotations

import pytest
from django.test import Client

from identity.models import User
from identity.roles import VENDOR_MANAGER
from tests.clients import signed_in
from tests.factories import create_staff


@pytest.fixture
def vera(db: None) -> User:
    return create_staff(role=VENDOR_MANAGER, email="vera.vm@sandberg.example")


@pytest.fixture
def as_vera(vera: User) -> Client:
    return signed_in(vera)
