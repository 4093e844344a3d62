from __future__ import annotations

from importlib import import_module

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils.translation import gettext_lazy as _

from identity.models.account import EntraAccount
from identity.models.device import Device
from identity.models.user import User


class Session(AbstractBaseSession):
    """Django's session with the account it was opened with, so that revoking the account ends it."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, blank=True, related_name="sessions")
    account = models.ForeignKey(EntraAccount, on_delete=models.CASCADE, null=True, blank=True, related_name="sessions")
    device = models.ForeignKey(
        Device,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="sessions",
        help_text=_("The browser that stays signed in."),
    )
    sid = models.CharField(max_length=64, blank=True, db_index=True, help_text=_("Entra's session ID, for sign-out."))

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        store: type[SessionBase] = import_module(settings.SESSION_ENGINE).SessionStore
        return store
