"""Print the version of Passport."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from passport.version import VERSION


class Command(BaseCommand):
    help = "Print the version of Passport. (For Django's version, use --version.)"
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(VERSION)
