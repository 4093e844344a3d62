from collections.abc import Callable, Iterator
from typing import Any

import pytest

from identity.invitations import sending
from identity.microsoft import graph
from identity.models import Invitation, User
from tests.sandbox_fixture import Sandbox, assert_graph_was_asked_only_what_design_allows


@pytest.fixture
def tenant(sandbox: Sandbox, settings: Any) -> Iterator[Sandbox]:
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
