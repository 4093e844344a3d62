"""Django's test client as somebody who is signed in, without the walk through the tenant."""

from __future__ import annotations

from django.test import Client

from identity.models import User


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client
