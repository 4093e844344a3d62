"""Just enough of a web framework: requests, responses, routes and pages."""

import http.client
import http.cookies
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from django.template import Context, Engine

HERE = Path(__file__).parent
TEMPLATES = Engine(dirs=[str(HERE / "templates")])


@dataclass
class Request:
    method: str
    target: str
    headers: Any
    body: bytes
    client: str = "127.0.0.1"
    operation: str = ""

    @cached_property
    def path(self) -> str:
        return unquote(urlsplit(self.target).path)

    @cached_property
    def query_pairs(self) -> list[tuple[str, str]]:
        return parse_qsl(urlsplit(self.target).query, keep_blank_values=True)

    @cached_property
    def query(self) -> dict[str, str]:
        return dict(reversed(self.query_pairs))

    @cached_property
    def form_pairs(self) -> list[tuple[str, str]]:
        return parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True)

    @cached_property
    def form(self) -> dict[str, str]:
        return dict(reversed(self.form_pairs))

    @cached_property
    def json(self) -> Any:
        return json.loads(self.body or b"{}")

    @cached_property
    def cookies(self) -> dict[str, str]:
        jar: http.cookies.SimpleCookie = http.cookies.SimpleCookie()
        for part in self.headers.get("Cookie", "").split(";"):
            try:
                jar.load(part)
            except http.cookies.CookieError:
                continue
        return {name: morsel.value for name, morsel in jar.items()}

    @property
    def host(self) -> str:
        return self.headers.get("Host", "")

    @property
    def origin(self) -> str:
        return f"http://{self.host}"


@dataclass
class Response:
    body: bytes = b""
    status: int = 200
    content_type: str = "text/plain; charset=utf-8"
    headers: list[tuple[str, str]] = field(default_factory=list)

    def head(self, *, length: int, close: bool = False) -> bytes:
        reason = http.client.responses.get(self.status, "Unknown")
        lines = [f"HTTP/1.1 {self.status} {reason}"]
        names = {name.lower() for name, _ in self.headers}
        if "content-type" not in names and self.body:
            lines.append(f"Content-Type: {self.content_type}")
        if "content-length" not in names:
            lines.append(f"Content-Length: {length}")
        if "date" not in names:
            lines.append(f"Date: {formatdate(usegmt=True)}")
        lines += [f"{name}: {value}" for name, value in self.headers]
        if close:
            lines.append("Connection: close")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


def json_answer(data: Any, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    body = json.dumps(data).encode()
    return Response(body, status, "application/json; charset=utf-8", list((headers or {}).items()))


def page(
    template: str,
    context: dict | None = None,
    *,
    status: int = 200,
    form_targets: tuple[str, ...] = (),
    frames: tuple[str, ...] = (),
    headers: list[tuple[str, str]] | None = None,
) -> Response:
    """Render a page. Chromium applies form-action to the whole redirect chain, so a form must name where it
    may end.
    """
    text = TEMPLATES.get_template(template).render(Context(context or {}, use_l10n=False))
    policy = [
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        " ".join(["form-action 'self'", *dict.fromkeys(form_targets)]),
    ]
    if frames:
        policy.append(" ".join(["frame-src", *dict.fromkeys(frames)]))
    return Response(
        text.encode(),
        status,
        "text/html; charset=utf-8",
        [
            ("Content-Security-Policy", "; ".join(policy)),
            ("Cache-Control", "no-store"),
            ("Referrer-Policy", "no-referrer"),
            ("X-Content-Type-Options", "nosniff"),
            *(headers or []),
        ],
    )


def redirect(url: str, *, status: int = 302) -> Response:
    return Response(status=status, headers=[("Location", url), ("Cache-Control", "no-store")])


def add_query(url: str, parameters: dict[str, str], *, separator: str = "?") -> str:
    if separator == "?" and "?" in url:
        separator = "&"
    return f"{url}{separator}{urlencode(parameters)}"


def plain(text: str, *, status: int = 200) -> Response:
    return Response(text.encode(), status)


@dataclass(frozen=True)
class Route:
    method: str
    pattern: re.Pattern
    operation: str
    handler: Callable[..., Response]


def route(method: str, path: str, operation: str, handler: Callable[..., Response]) -> Route:
    """`{name}` in the path matches one segment, `{name:rest}` the rest."""
    expression = re.sub(r"\{(\w+):rest\}", r"(?P<\1>.*)", path.replace("$", r"\$"))
    expression = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", expression)
    return Route(method, re.compile(f"^{expression}$"), operation, handler)
