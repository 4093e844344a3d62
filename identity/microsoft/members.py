"""The accounts of our own organisation in the tenant."""

from __future__ import annotations

from collections.abc import Iterator

from identity.microsoft import graph

PROPERTIES = "id,mail,otherMails,userPrincipalName"


def addresses() -> Iterator[str]:
    """Every address that one of them has. Raise NotPermitted without User.Read.All."""
    parameters = {"$select": PROPERTIES, "$filter": "userType eq 'Member'", "$top": "999"}
    for entry in graph.pages("users", parameters):
        others = entry.get("otherMails")
        named = [entry.get("mail"), entry.get("userPrincipalName"), *(others if isinstance(others, list) else [])]
        yield from (name for name in named if isinstance(name, str) and name)
