from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from identity.invitations import sending
from identity.microsoft import graph
from identity.models import EntraAccount, Invitation, User
from identity.roles import VENDOR_MANAGER
from tests.factories import create_staff
from tests.passport_fixture import passport  # noqa: F401  a fixture
from tests.sandbox_fixture import (  # noqa: F401  a fixture
    Sandbox,
    assert_graph_was_asked_only_what_design_allows,
    sandbox,
)


@pytest.fixture
def tenant(sandbox: Sandbox, settings: Any) -> Sandbox:  # noqa: F811
    """The sandbox tenant, empty, as the Graph that Passport talks to."""
    sandbox.reset()
    settings.GRAPH_URL = settings.ENTRA_AUTHORITY = sandbox.url
    graph.forget_token()
    yield sandbox
    graph.forget_token()
    assert_graph_was_asked_only_what_design_allows(sandbox)


@pytest.fixture
def send() -> Callable[[User], Invitation]:
    """What the worker does: send the person's queued invitation through Graph."""

    def _send(user: User) -> Invitation:
        invitation = Invitation.objects.select_related("user").get(user=user, state=Invitation.State.QUEUED)
        sending.send(invitation)
        invitation.refresh_from_db()
        return invitation

    return _send


@pytest.fixture
def vera(db: None) -> User:
    return create_staff(role=VENDOR_MANAGER, email="vera.vm@sandberg.example")


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="identity.sign_in.oidc.EntraOpenIdConnect")
    return client


@pytest.fixture
def as_vera(vera: User) -> Client:
    return signed_in(vera)


def live_addresses(user: User) -> list[str]:
    return sorted(EntraAccount.objects.live().filter(user=user).values_list("address", flat=True))


def jobs(name: str) -> list[dict[str, Any]]:
    """The arguments of the deferred tasks of this name."""
    return list(ProcrastinateJob.objects.filter(task_name=name).order_by("id").values_list("args", flat=True))


def events(vendor: Any) -> list[str]:
    return list(vendor.events.order_by("at", "id").values_list("kind", flat=True))
