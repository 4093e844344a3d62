"""Django's admin imports this module, which registers what the packages add to it."""

from identity.failures import admin as failures
from identity.invitations import admin as invitations
from identity.sessions import admin as sessions
from identity.sign_in import admin as sign_ins

__all__ = ["failures", "invitations", "sessions", "sign_ins"]
