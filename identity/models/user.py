from __future__ import annotations

import uuid
from collections.abc import Iterator

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from identity.models.lookups import by_beginning
from identity.typed import cleaning


class UserQuerySet(models.QuerySet["User"]):
    def staff(self) -> UserQuerySet:
        """Who are staff now, were so before, or came in by an emergency link: everybody but vendors."""
        return self.filter(Q(is_staff=True) | Q(is_emergency=True) | Q(accounts__guest=False)).distinct()

    def at_address(self, address: str) -> UserQuerySet:
        """Whom Microsoft reported with this address. To be found by people; nobody is let in by it."""
        address = cleaning.address(address)
        return self.filter(Q(email__iexact=address) | Q(accounts__signed_in_as__iexact=address)).distinct()


class UserManager(BaseUserManager["User"]):
    def create_user(self, *, email: str = "", is_staff: bool = False, is_emergency: bool = False) -> User:
        user = self.model(email=email, is_staff=is_staff, is_emergency=is_emergency)
        user.set_unusable_password()
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(username=username)


def new_username() -> str:
    return uuid.uuid4().hex


class User(AbstractBaseUser, PermissionsMixin):
    """A person, vendor or staff. Nothing about them decides who they are: their Entra accounts do."""

    username = models.CharField(max_length=32, unique=True, default=new_username, editable=False)
    email = models.EmailField(
        _("address Microsoft last reported"),
        blank=True,
        help_text=_("For display only. It is never used to recognise anyone."),
    )
    is_staff = models.BooleanField(default=False, verbose_name=_("staff"))
    is_active = models.BooleanField(default=True, verbose_name=_("active"))
    roles = ArrayField(
        models.CharField(max_length=32),
        default=list,
        blank=True,
        help_text=_("App roles at the last sign-in. Staff only."),
    )
    is_emergency = models.BooleanField(
        default=False, help_text=_("A break-glass user made by emergency_link."), verbose_name=_("break-glass user")
    )
    last_login = models.DateTimeField(_("last sign-in"), null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True, verbose_name=_("created"))

    objects = UserManager.from_queryset(UserQuerySet)()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        permissions = [("end_sessions", _("Can end anyone's sessions, and switch staff access off and on"))]
        indexes = [
            models.Index(fields=["email"], condition=Q(is_staff=True), name="staff_by_email"),
            models.Index(fields=["-created_at", "-id"], name="user_newest"),
            models.Index(fields=["is_staff", "-created_at", "-id"], name="user_by_kind"),
            models.Index(fields=["is_active", "-created_at", "-id"], name="user_by_activity"),
            by_beginning("email", name="user_by_email"),
        ]

    def __str__(self) -> str:
        return self.email or f"person {self.pk}"

    def get_session_auth_hash(self) -> str:
        """Django ties a session to the password. There is none; sessions end by deleting their rows."""
        return self.username

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        yield from ()
