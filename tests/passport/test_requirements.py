import hashlib
import os
import re
import shutil
import site
import subprocess
import venv
import zipfile
from pathlib import Path

import pytest

from passport import requirements
from tests.processes import PROJECT

pytestmark = pytest.mark.processes

LISTS = ["requirements-uv", "requirements", "requirements-run", "requirements-dev"]
HASHES = r"(?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+"
REQUIREMENT = re.compile(rf"^([a-z0-9-]+)==([^ ;\\]+)[^\\\n]*\\\n{HASHES}", re.MULTILINE)


def locked(name: str) -> dict[str, str]:
    return dict(REQUIREMENT.findall((PROJECT / name).read_text()))


def normal(package: str) -> str:
    return re.sub(r"[-_.]+", "-", package.partition("[")[0]).lower()


# The lists


@pytest.mark.parametrize("name", LISTS)
def test_list_is_made_of_pinned_packages_with_their_hashes_alone(name):
    text = (PROJECT / f"{name}.txt").read_text()

    left = [line for line in REQUIREMENT.sub("", text).splitlines() if not line.lstrip().startswith("#")]

    assert left == []
    assert "make lock" in text.partition("==")[0]


@pytest.mark.parametrize("name", LISTS)
def test_no_list_names_a_place_to_install_from(name):
    for suffix in ("in", "txt"):
        assert not re.search(r"://|--(extra-)?index|--find-links|--trusted", (PROJECT / f"{name}.{suffix}").read_text())


@pytest.mark.parametrize("name", LISTS)
def test_list_has_what_is_asked_for(name):
    asked = [line for line in (PROJECT / f"{name}.in").read_text().splitlines() if not line.startswith(("#", "-"))]
    pins = dict(line.split()[0].split("==") for line in asked)

    assert {normal(package): version for package, version in pins.items()}.items() <= locked(f"{name}.txt").items()


def test_each_list_has_the_one_before_at_the_same_versions():
    production, run, development = (locked(f"{name}.txt").items() for name in LISTS[1:])

    assert production < run < development


# Installing


def wheel(folder: Path, name: str, version: str) -> str:
    """A package of one module; answers the line that asks for it."""
    path = folder / f"{name}-{version}-py3-none-any.whl"
    metadata = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(f"{name}/__init__.py", "")
        file.writestr(f"{metadata}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        file.writestr(f"{metadata}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        file.writestr(f"{metadata}/RECORD", "")
    return f"{name}=={version} --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


@pytest.fixture
def checkout(tmp_path):
    """With a .venv of its own that has only pip and uv."""
    checkout = tmp_path / "a checkout"
    (checkout / "passport").mkdir(parents=True)
    (checkout / "wheels").mkdir()
    shutil.copy(PROJECT / "passport" / "requirements.py", checkout / "passport")
    shutil.copy(PROJECT / "requirements-uv.txt", checkout)
    (checkout / "requirements-dev.txt").write_text(wheel(checkout / "wheels", "trifle", "1.0"))
    venv.create(checkout / ".venv", symlinks=True)
    [packages] = checkout.glob(".venv/lib/*/site-packages")
    (packages / "pip-and-uv.pth").write_text("\n".join(site.getsitepackages()))
    return checkout


def install(checkout: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_"))}
    offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "wheels", "PIP_CONFIG_FILE": os.devnull}
    return subprocess.run(
        [checkout / ".venv" / "bin" / "python", "passport/requirements.py", "install", "requirements-dev"],
        cwd=checkout,
        env=kept | offline | variables,
        capture_output=True,
        text=True,
    )


def installer(checkout: Path) -> str:
    """Who installed it."""
    [note] = checkout.glob(".venv/lib/*/site-packages/trifle-1.0.dist-info/INSTALLER")
    return note.read_text().strip()


def test_uv_installs_from_where_pip_would(checkout):
    done = install(checkout)

    assert (done.returncode, installer(checkout)) == (0, "uv"), done.stderr


def test_pip_comes_with_python(checkout):
    """make makes .venv without it."""
    [shared] = checkout.glob(".venv/lib/*/site-packages/pip-and-uv.pth")
    shared.unlink()

    done = install(checkout)

    # uv is not among the wheels here.
    assert (done.returncode, installer(checkout)) == (0, "pip"), done.stderr


@pytest.mark.parametrize("trouble", ["there is none", "its cache is broken"])
def test_pip_installs_where_uv_does_not(checkout, trouble):
    if trouble == "there is none":
        (checkout / "requirements-uv.txt").write_text(f"uv==0.0.1 --hash=sha256:{'0' * 64}\n")
    (checkout / "no folder").write_text("")

    done = install(checkout, UV_CACHE_DIR=str(checkout / "no folder"))

    assert (done.returncode, installer(checkout)) == (0, "pip"), done.stderr
    assert "uv could not install them" in done.stderr


def test_nobody_installs_what_has_another_hash(checkout):
    (checkout / "requirements-dev.txt").write_text(f"trifle==1.0 --hash=sha256:{'0' * 64}\n")

    done = install(checkout)

    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert not list(checkout.glob(".venv/lib/*/site-packages/trifle*"))


def test_uv_is_told_what_pip_is_configured_with(tmp_path, monkeypatch):
    file = tmp_path / "pip.conf"
    file.write_text(
        "[global]\nindex-url = https://one.example/simple\ncert = /one.pem\nfind-links =\n  /wheels\n  /more wheels\n"
        "[install]\nindex-url = https://two.example/simple\ntrusted-host = two.example three.example\n"
    )
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", str(file))
    monkeypatch.setenv("PIP_CERT", "/two.pem")
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "https://three.example/simple  https://four.example/simple")

    told = requirements.environment_for_uv(requirements.pip_settings(), {"PATH": "/bin"})

    expected = {
        "PATH": "/bin",
        "UV_DEFAULT_INDEX": "https://two.example/simple",
        "UV_INDEX": "https://three.example/simple https://four.example/simple",
        "UV_INSECURE_HOST": "two.example three.example",
        "SSL_CERT_FILE": "/two.pem",
    }
    assert expected.items() <= told.items()
    assert told["UV_FIND_LINKS"].startswith("/wheels,")


def test_what_is_set_for_uv_itself_stays():
    told = requirements.environment_for_uv(
        {"index-url": "https://pip.example"}, {"UV_DEFAULT_INDEX": "https://uv.example"}
    )

    assert told["UV_DEFAULT_INDEX"] == "https://uv.example"
