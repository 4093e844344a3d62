from __future__ import annotations

import pytest

from identity.invitations import links
from tests.factories import create_invitation, create_vendor


@pytest.mark.django_db
def test_token_names_the_invitation_and_a_changed_one_nothing():
    invitation = create_invitation(user=create_vendor().user, address="dora@mail.example")
    token = links.token(invitation)

    assert links.from_token(token) == invitation
    assert links.from_token(token[:-1] + ("A" if token[-1] != "A" else "B")) is None
    assert links.from_token("") is None
