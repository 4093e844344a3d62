from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from identity.models import User
from identity.roles import ADMINISTRATOR
from tests.browser.screens import AUDIT, SIZES
from tests.browser.visitor import Visitor
from tests.clients import signed_in
from tests.factories import create_staff
from tests.passport_fixture import Passport

expect.set_options(timeout=20_000)  # several runs may share the machine


@pytest.fixture(params=["desktop"] if AUDIT else SIZES)
def size(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def visit(passport: Passport, new_context: Any) -> Iterator[Callable[..., Visitor]]:
    """Somebody with an address, at a browser of their own. What it complains of on the way fails the test."""
    visitors: list[Visitor] = []

    def arrive(address: str, *, size: str = "desktop", **options: Any) -> Visitor:
        context = new_context(**SIZES[size], **options)
        runs_scripts = options.get("java_script_enabled", True)
        visitors.append(Visitor(context.new_page(), passport, address, runs_scripts=runs_scripts))
        return visitors[-1]

    yield arrive
    assert [complaint for visitor in visitors for complaint in visitor.complaints] == []


@pytest.fixture
def vera(transactional_db: None) -> User:
    return create_staff(email="vera.vm@sandberg.example", role=ADMINISTRATOR)


@pytest.fixture
def desk(page: Page, live_server: Any, vera: User, size: str) -> Iterator[Page]:
    """Vera's browser. What it complains of on the way fails the test."""
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": signed_in(vera).cookies[name].value, "url": live_server.url}])
    page.set_viewport_size(SIZES[size]["viewport"])
    page.emulate_media(color_scheme=SIZES[size]["color_scheme"])
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    own = urlsplit(live_server.url).netloc
    page.on("request", lambda sent: None if urlsplit(sent.url).netloc in (own, "") else complaints.append(sent.url))
    page.complaints = complaints
    yield page
    assert complaints == []
