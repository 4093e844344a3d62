"""The `login_hint` claim, which says whose account it is without showing the address."""

import base64
import json

from ..base64url import unpadded


def opaque_hint(account: str) -> str:
    return "O." + unpadded(json.dumps({"account": account}).encode())


def account_of_hint(hint: str) -> str:
    """The account that a login_hint or logout_hint names, be it an address or the `login_hint` claim."""
    if not hint.startswith("O."):
        return hint.strip().lower()
    try:
        padded = hint[2:] + "=" * (-len(hint[2:]) % 4)
        return json.loads(base64.urlsafe_b64decode(padded))["account"]
    except (ValueError, KeyError, TypeError):
        return ""
