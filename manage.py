#!/usr/bin/env python
import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import ManagementUtility, get_commands
from django.core.management.base import BaseCommand

# Django's own commands change the tables themselves, where the statements that name the command would be in the way.
OURS = {"identity", "vendors", "onboarding", "passport"}


class Utility(ManagementUtility):
    """Django's, but what a command of ours changes in tables with a history is recorded with the command's name."""

    def fetch_command(self, subcommand: str) -> BaseCommand:
        command = super().fetch_command(subcommand)
        if get_commands()[subcommand] in OURS:
            import pghistory  # noqa: PLC0415  needs the settings

            command.execute = pghistory.context(command=subcommand)(command.execute)  # type: ignore[method-assign]
        return command


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "passport.settings")
    try:
        settings.DATABASES  # noqa: B018  reads the settings
    except ImproperlyConfigured as error:
        print(f"{error} Run `make run` once: it writes .env with everything Passport needs.", file=sys.stderr)
        sys.exit(2)
    Utility(sys.argv).execute()


if __name__ == "__main__":
    main()
