from typing import Any

from django.apps import AppConfig

from identity.typed import sentences


def _note_sign_in_of_staff(sender: Any, user: Any, **kwargs: Any) -> None:
    """Of a vendor, the account and the attempt say when it was; one UPDATE less in their sign-in."""
    from django.contrib.auth.models import update_last_login  # noqa: PLC0415  needs the apps to be loaded

    if user.is_staff:
        update_last_login(sender, user)


class IdentityConfig(AppConfig):
    name = "identity"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Before models, whose fields make forms' fields, and long before any form is declared.
        sentences.replace_djangos()

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in  # noqa: PLC0415  needs the apps to be loaded
        from social_core.registry import REGISTRY  # noqa: PLC0415

        from identity.sign_in.attempts import AttemptStrategy, PassportStorage  # noqa: PLC0415

        # Django makes an instance of every authentication backend when it asks for permissions, without a strategy.
        REGISTRY.default_strategy = AttemptStrategy(PassportStorage)
        # In place of Django's receiver, which would be connected under the same name later.
        user_logged_in.connect(_note_sign_in_of_staff, dispatch_uid="update_last_login")
