#!/usr/bin/env python
import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import ManagementUtility, get_commands
from django.core.management.base import BaseCommand

from identity import outages
from identity.operator import operator
from passport import logs
from passport.management.commands import version
from vendors.documents.storage_url import StorageUnusable

OURS = {"identity", "vendors", "onboarding", "passport"}


class Utility(ManagementUtility):
    """Django's, but what a command of ours changes in tables with a history is recorded with who ran it."""

    def fetch_command(self, subcommand: str) -> BaseCommand:
        command = super().fetch_command(subcommand)
        # What changes the tables themselves cannot have a statement that names the command before each of its own.
        if get_commands()[subcommand] in OURS and subcommand not in ("migrate", "restore"):
            import pghistory  # noqa: PLC0415  needs the settings

            who = pghistory.context(command=subcommand, operator=operator())
            command.execute = who(command.execute)  # type: ignore[method-assign]
        return command


def main() -> None:
    if sys.argv[1:2] == ["version"]:
        version.Command().run_from_argv(sys.argv)  # Django would answer with its own
        return
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "passport.settings")
    if sys.argv[1:2] == ["worker"]:
        logs.take_over(debug=logs.is_debug())
    try:
        settings.DATABASES  # noqa: B018  reads the settings
    except ImproperlyConfigured as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    try:
        Utility(sys.argv).execute()
    except Exception as error:
        is_outage = outages.is_outage(error)
        if "--traceback" in sys.argv or not (is_outage or isinstance(error, StorageUnusable)):
            raise
        print(outages.one_line(error) if is_outage else error, file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
