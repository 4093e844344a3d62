import argparse
import os
import sys

from . import configuration, server


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="sandbox", description="A stand-in for Entra ID, Graph and mailboxes, on loopback."
    )
    add_arguments(parser)
    options = parser.parse_args(arguments)
    return start(port=options.port, smtp_port=options.smtp_port, state_directory=options.state)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, help="where to listen (default: SANDBOX_PORT, or 8400; 0 picks a free one)")
    parser.add_argument("--smtp-port", type=int, help="where the mail server listens (default: the next port)")
    parser.add_argument(
        "--state", metavar="DIR", help="where guests, emails and keys are kept (default: .local/sandbox)"
    )


def start(*, port: int | None, smtp_port: int | None, state_directory: str | None) -> int:
    try:
        settings = configuration.read(os.environ, port=port, smtp_port=smtp_port, state_directory=state_directory)
    except configuration.MissingSetting as problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    try:
        server.run(settings)
    except OSError as problem:
        sys.stderr.write(f"The sandbox tenant cannot start: {problem}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
