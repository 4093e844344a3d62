"""What the project database needs to know, as JSON lines."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.serializers.json import DjangoJSONEncoder

from identity.typed import cleaning
from vendors.feed import cursor, reading


class Command(BaseCommand):
    help = (
        "Print what has happened to approved vendors since a cursor, one JSON object per line. Without a cursor, print "
        "every approved vendor, and then the cursor to continue from."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--since",
            type=cleaning.code,
            default="",
            metavar="CURSOR",
            help="The cursor of the last line that you read.",
        )

    def handle(self, *args: Any, since: str, **options: Any) -> None:
        try:
            for line in reading.read(since):
                self.stdout.write(json.dumps(line, cls=DjangoJSONEncoder, ensure_ascii=False))
        except cursor.Unreadable as error:
            raise CommandError(str(error), returncode=2) from error
        except cursor.Outdated as error:
            raise CommandError(str(error)) from error
