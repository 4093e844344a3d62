from django.core.management.base import BaseCommand

from identity.sandbox import __main__ as sandbox


class Command(BaseCommand):
    help = "Run the sandbox tenant: a stand-in for Entra ID, Graph and everyone's mailboxes, on loopback."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser):
        sandbox.add_arguments(parser)

    def handle(self, **options):
        code = sandbox.start(port=options["port"], smtp_port=options["smtp_port"], state_directory=options["state"])
        if code:
            raise SystemExit(code)
