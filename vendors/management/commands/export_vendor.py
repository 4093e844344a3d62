"""Everything Passport holds about a vendor."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from identity.typed import cleaning
from vendors.models import Vendor
from vendors.privacy import export, personal_data


class Command(BaseCommand):
    help = "Print everything Passport holds about a vendor as one JSON document, with payment details unmasked."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "email",
            type=cleaning.address,
            help="Any address that they have or ever had; for a duplicate, the vendor number.",
        )
        parser.add_argument("--output", type=Path, metavar="FILE", help="Write it to FILE, which only you can read.")
        parser.add_argument("--files", action="store_true", help="Write a zip to FILE that includes their uploads.")

    def handle(self, *args: Any, email: str, output: Path | None, files: bool, **options: Any) -> None:
        if files and output is None:
            raise CommandError("--files needs --output FILE.zip.", returncode=2)
        try:
            vendor = personal_data.find(email)
        except (personal_data.NobodyThere, personal_data.SeveralThere) as refusal:
            raise CommandError(str(refusal)) from refusal
        if output is None:
            self.stdout.write(export.as_json(export.export(vendor, via="export_vendor")), ending="")
            return
        try:
            descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError as error:
            raise CommandError(f"{output} already exists. Nothing was exported.") from error
        except OSError as error:
            raise CommandError(f"{output} cannot be written: {error.strerror}.", returncode=2) from error
        try:
            self._write(descriptor, vendor, files=files)
        except BaseException:
            output.unlink()
            raise
        self.stdout.write(f"{vendor.address or vendor}: everything has been written to {output}.")

    @staticmethod
    def _write(descriptor: int, vendor: Vendor, *, files: bool) -> None:
        with os.fdopen(descriptor, "wb") as file:
            document = export.export(vendor, via="export_vendor")
            if files:
                export.write_zip(document, vendor, file)
            else:
                file.write(export.as_json(document).encode())
