"""Test the settings against the live tenant."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand

from identity.microsoft import tenant_check


class Command(BaseCommand):
    help = "Test the credential, discovery, keys, app token, permissions and redirect URI against the live tenant."

    def handle(self, *args: Any, **options: Any) -> None:
        is_fit = True
        for finding in tenant_check.check():
            self.stdout.write(str(finding))
            is_fit = is_fit and (finding.is_good or not finding.is_needed)
        if not is_fit:
            self.stderr.write("Passport cannot work with this tenant until everything marked MISSING has been fixed.")
            sys.exit(1)
