import fcntl
import logging
import os
import shutil
from collections.abc import Generator, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test import TransactionTestCase
from django.utils.log import configure_logging
from hypothesis import settings as hypothesis_settings

from identity.failures import without_record
from tests.emptying import empty_tables
from tests.migrated_template import migrated_template

# Each stands after those it imports, or pytest could not rewrite its asserts.
pytest_plugins = [
    "tests.sandbox_fixture",
    "tests.passport_fixture",
    "tests.agreements_fixture",
    "tests.staff_fixture",
    "tests.s3_fixture",
]

# How long an example takes says more about the machine than about the code.
hypothesis_settings.register_profile("passport", deadline=None)
# The same examples every time: what a new one shows is for whoever works on it, not for whoever waits for CI.
hypothesis_settings.register_profile("same", deadline=None, derandomize=True)
hypothesis_settings.load_profile("same" if os.environ.get("PASSPORT_SAME_EXAMPLES") else "passport")

# The shell draws no windows, toolbars or tabs, which takes a third off the time of a test.
BROWSERS = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"]
CHROMIUM = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
BROWSER_REQUIRED = bool(os.environ.get("PASSPORT_BROWSER_REQUIRED"))
TAKES_MINUTES = "tests/models/"
DATABASE_FIXTURES = frozenset({"db", "transactional_db", "live_server"})
NO_BROWSER = "no Chromium on this machine (install it, or set CHROMIUM to its path)"


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: a test often waits for a worker, a browser or the sandbox tenant."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Give each of several test runs at once databases of its own."""
    directory = django_settings.DATABASES["default"].get("DIRECTORY")
    if directory is None or "PASSPORT_TEST_RUN" in os.environ:
        return
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    for number in count(1):
        lock = (directory / f"run-{number}").open("a")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            continue
        config.add_cleanup(lock.close)
        config.add_cleanup(lambda: os.environ.pop("PASSPORT_TEST_RUN"))
        os.environ["PASSPORT_TEST_RUN"] = str(number)
        return


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: Any) -> None:
    test = connection.settings_dict["TEST"]
    if directory := connection.settings_dict.get("DIRECTORY"):
        with django_db_blocker.unblock():
            test["TEMPLATE"] = migrated_template(directory)
    name = test["NAME"] or f"test_{connection.settings_dict['NAME']}"
    test["NAME"] = f"{name}_{os.environ.get('PASSPORT_TEST_RUN', '1')}"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> None:
    TransactionTestCase._fixture_teardown = empty_tables


@pytest.fixture(autouse=True)
def media_root(settings: Any, tmp_path: Path) -> Path:
    """No test writes among the files of `make run`."""
    settings.MEDIA_ROOT = settings.OWN_MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture(autouse=True)
def log_where_it_was() -> Iterator[None]:
    """A command that is run as from a shell sets Django up once more, and logs to what stands for stderr in that test.

    Whoever writes a line later would find that closed.
    """
    before = _console()
    yield
    if _console() is not before:
        configure_logging(django_settings.LOGGING_CONFIG, django_settings.LOGGING)


def _console() -> logging.Handler | None:
    """Not one of pytest's own."""
    return next((each for each in logging.getLogger().handlers if type(each) is logging.StreamHandler), None)


@pytest.fixture(autouse=True)
def mails_without_a_record() -> None:
    """What other tests sent does not count."""
    without_record._sent.clear()


@pytest.hookimpl(tryfirst=True, wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None]:
    """What `make quick` leaves out. A test that starts a tenant by other means than the fixture marks itself.

    So does one that starts programs of its own (`processes`): it may run for seconds and hardly use the processor.
    """
    for item in items:
        if uses_browser(item):
            item.add_marker(pytest.mark.browser)
        if "sandbox" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.sandbox)
        if uses_database(item):
            item.add_marker(pytest.mark.database)
    yield
    # They take minutes: begun last, they would be waited for when everything else is done.
    items.sort(key=lambda item: not item.nodeid.startswith(TAKES_MINUTES))


def pytest_runtest_setup(item: pytest.Item) -> None:
    if uses_browser(item) and not CHROMIUM:
        if BROWSER_REQUIRED:
            pytest.fail(NO_BROWSER, pytrace=False)
        pytest.skip(NO_BROWSER)


def uses_browser(item: pytest.Item) -> bool:
    return "browser_type" in getattr(item, "fixturenames", ())


def uses_database(item: pytest.Item) -> bool:
    return item.get_closest_marker("django_db") is not None or not DATABASE_FIXTURES.isdisjoint(
        getattr(item, "fixturenames", ())
    )


def pytest_terminal_summary(terminalreporter: Any) -> None:
    skipped = sum(NO_BROWSER in str(report.longrepr) for report in terminalreporter.getreports("skipped"))
    if skipped:
        terminalreporter.write_line(f"{skipped} browser tests were SKIPPED: {NO_BROWSER}.", yellow=True)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> Iterator[dict[str, Any]]:
    # Playwright leaves an event loop running in this thread until the end of the session, where Django sees
    # it and refuses to touch the database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    arguments = ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    yield browser_type_launch_args | {"executable_path": CHROMIUM, "args": arguments}
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
