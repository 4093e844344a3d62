#!/usr/bin/env python
import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from passport.management.commands import version


def main() -> None:
    if sys.argv[1:2] == ["version"]:
        version.Command().run_from_argv(sys.argv)  # Django would answer with its own
        return
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "passport.settings")
    try:
        settings.DATABASES  # noqa: B018  reads the settings
    except ImproperlyConfigured as error:
        print(f"{error} Run `make run` once: it writes .env with everything Passport needs.", file=sys.stderr)
        sys.exit(2)
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
