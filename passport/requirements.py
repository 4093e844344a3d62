"""Install one of the lists into .venv, and make the lists: `make run`, `make install` and `make lock`.

Only the standard library, since it runs before anything is installed. uv does the work in a fraction of pip's time;
whatever keeps uv from it, pip installs the same list, checked against the same hashes.
"""

from __future__ import annotations

import ast
import importlib.util
import os
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Mapping
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
LISTS = ["requirements-uv", "requirements", "requirements-run", "requirements-dev"]  # the last two read the one before
PIP = [sys.executable, "-m", "pip"]
UV = [sys.executable, "-m", "uv", "pip"]
INSTALL_WITH_PIP = [*PIP, "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
UV_TAKES_AT_MOST = 600  # seconds

# uv does not read pip's configuration: what pip calls it, and the variables that tell uv.
VARIABLES = {
    "index-url": ["UV_DEFAULT_INDEX"],
    "extra-index-url": ["UV_INDEX"],
    "find-links": ["UV_FIND_LINKS"],
    "no-index": ["UV_OFFLINE"],
    "trusted-host": ["UV_INSECURE_HOST"],
    "cert": ["SSL_CERT_FILE"],
    "client-cert": ["SSL_CLIENT_CERT"],
    "proxy": ["HTTP_PROXY", "HTTPS_PROXY"],
    "timeout": ["UV_HTTP_TIMEOUT"],
    "default-timeout": ["UV_HTTP_TIMEOUT"],
}
SEPARATORS = {"UV_FIND_LINKS": ","}


def install(name: str) -> None:
    """Afterwards .venv holds what is on the list `name` and nothing else."""
    print("Installing the libraries into .venv/.", file=sys.stderr)
    if importlib.util.find_spec("pip") is None:
        add_pip()
    try:
        # From source it would take a compiler and minutes.
        run([*INSTALL_WITH_PIP, "--only-binary", ":all:", "-r", "requirements-uv.txt"], dict(os.environ))
        with_uv = [*UV, "sync", "--quiet", "--python", sys.executable, "--require-hashes", f"{name}.txt"]
        run(with_uv, environment_for_uv(pip_settings()), timeout=UV_TAKES_AT_MOST)
    except (OSError, subprocess.SubprocessError):
        print("uv could not install them. Using pip instead, which takes a minute.", file=sys.stderr)
        run([*INSTALL_WITH_PIP, "-r", f"{name}.txt"], dict(os.environ))


def add_pip() -> None:
    """Unpack the wheel that comes with Python; `venv` itself would run pip to install pip, for six seconds."""
    folders = [sysconfig.get_config_var("WHEEL_PKG_DIR"), Path(sysconfig.get_path("stdlib"), "ensurepip", "_bundled")]
    wheels = [wheel for folder in filter(None, folders) for wheel in Path(folder).glob("pip-*.whl")]
    if not wheels:
        run([sys.executable, "-m", "ensurepip"], dict(os.environ))
        return
    with zipfile.ZipFile(wheels[0]) as wheel:
        wheel.extractall(sysconfig.get_path("purelib"))


def lock(*options: str) -> None:
    """For every machine: of the places this one installs from, only its main index counts."""
    settings = {name: value for name, value in pip_settings().items() if name not in ("extra-index-url", "find-links")}
    for name in LISTS:
        compile_it = [*UV, "compile", "--quiet", "--universal", "--python-version", "3.11", "--generate-hashes"]
        compile_it += ["--annotation-style", "line", "--custom-compile-command", "make lock", *options]
        run([*compile_it, "--output-file", f"{name}.txt", f"{name}.in"], environment_for_uv(settings))


def run(command: list[str], environment: Mapping[str, str], *, timeout: float | None = None) -> None:
    subprocess.run(command, cwd=PROJECT, env=environment, timeout=timeout, check=True)


def pip_settings() -> dict[str, str]:
    """As pip would take them: the environment before its files, and there `install` before `global`."""
    listed = subprocess.run([*PIP, "config", "list"], stdout=subprocess.PIPE, text=True, check=True).stdout
    values = {}
    for line in listed.splitlines():
        key, _equals, value = line.partition("=")
        values[key] = ast.literal_eval(value)
    settings = {name: [values.get(f"{place}.{name}") for place in (":env:", "install", "global")] for name in VARIABLES}
    return {name: next(filter(None, candidates)) for name, candidates in settings.items() if any(candidates)}


def environment_for_uv(settings: Mapping[str, str], environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What is set for uv itself stays as it is."""
    for_uv = {"UV_INDEX_STRATEGY": "unsafe-best-match"}  # as pip looks: at every place, for the listed version
    if bundle := environment.get("REQUESTS_CA_BUNDLE") or environment.get("CURL_CA_BUNDLE"):
        for_uv["SSL_CERT_FILE"] = bundle
    for name, value in settings.items():
        for variable in VARIABLES[name]:
            for_uv[variable] = SEPARATORS.get(variable, " ").join(value.split())
    own = {name: value for name, value in environment.items() if name.startswith("UV_")}
    return dict(environment) | for_uv | own


def main(command: str, *options: str) -> None:
    try:
        lock(*options) if command == "lock" else install(*options)
    except subprocess.CalledProcessError as error:
        sys.exit(error.returncode)  # it has said why


if __name__ == "__main__":
    main(*sys.argv[1:])
