from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.screens import AUDIT, SIZES
from tests.browser.visitor import Visitor
from tests.passport_fixture import Passport, passport, sandbox

__all__ = ["passport", "sandbox"]

expect.set_options(timeout=20_000)  # several runs may share the machine


@pytest.fixture(params=["desktop"] if AUDIT else SIZES)
def size(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def visit(passport: Passport, new_context: Any) -> Iterator[Callable[..., Visitor]]:  # noqa: F811
    """Somebody with an address, at a browser of their own. What it complains of on the way fails the test."""
    visitors: list[Visitor] = []

    def arrive(address: str, *, size: str = "desktop", **options: Any) -> Visitor:
        context = new_context(**SIZES[size], **options)
        runs_scripts = options.get("java_script_enabled", True)
        visitors.append(Visitor(context.new_page(), passport, address, runs_scripts=runs_scripts))
        return visitors[-1]

    yield arrive
    assert [complaint for visitor in visitors for complaint in visitor.complaints] == []
