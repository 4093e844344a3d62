"""Every text that the code has for people to read, with its place: what templates say, and strings in Python."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple

from django.template.base import Lexer, TokenType

from tests.processes import PROJECT

PACKAGES = ("identity", "vendors", "onboarding", "passport")
GETTEXT = {"_", "gettext", "gettext_lazy", "pgettext", "pgettext_lazy", "ngettext", "ngettext_lazy", "npgettext"}
QUOTED = re.compile(r"""^translate\s+(?:"([^"]*)"|'([^']*)')""")
SPOKEN = {"alt", "aria-label", "placeholder", "title"}


class Said(NamedTuple):
    path: Path
    line: int
    text: str

    @property
    def place(self) -> str:
        return f"{self.path.relative_to(PROJECT)}:{self.line}"


@cache
def everything() -> tuple[Said, ...]:
    return tuple(_everything())


def _everything() -> Iterator[Said]:
    for package in PACKAGES:
        for path in sorted((PROJECT / package).rglob("*")):
            if path.suffix in {".html", ".txt"} and "templates" in path.parts:
                yield from in_template(path)
            elif path.suffix == ".py" and "migrations" not in path.parts:
                yield from in_python(path)
            elif "agreements" in path.parts and path.suffix in {".txt", ".toml"}:
                yield from in_agreement(path)


def in_template(path: Path) -> Iterator[Said]:
    """Each message as one text, and what is written outside of messages."""
    loose = ""
    message: str | None = None
    is_comment = False
    start = 0
    for token in Lexer(path.read_text()).tokenize():
        name = token.contents.split(" ")[0] if token.token_type == TokenType.BLOCK else ""
        if name in ("comment", "endcomment"):
            is_comment = name == "comment"
        elif name == "blocktranslate":
            message, start = "", token.lineno
        elif name in ("endblocktranslate", "plural") and message is not None:
            yield from _said(path, start, message)
            message, start = "" if name == "plural" else None, token.lineno
        elif name == "translate" and (quoted := QUOTED.match(token.contents)):
            yield from _said(path, token.lineno, quoted[1] or quoted[2])
        elif name:
            for literal in re.findall(r"""_\("([^"]*)"\)""", token.contents):
                yield from _said(path, token.lineno, literal)
        elif message is not None:
            message += token.contents if token.token_type == TokenType.TEXT else "…"
            loose += "\n" * token.contents.count("\n")
        elif not is_comment and token.token_type != TokenType.COMMENT:
            loose += token.contents if token.token_type == TokenType.TEXT else "…"
        else:
            loose += "\n" * token.contents.count("\n")
    if path.suffix == ".html":
        page = Page()
        page.feed(loose)
        written = page.texts
    else:
        written = list(enumerate(loose.split("\n"), start=1))
    for line, text in written:
        yield from _said(path, line, text)


class Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[tuple[int, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.texts += [(self.getpos()[0], value) for name, value in attrs if name in SPOKEN and value]

    def handle_data(self, data: str) -> None:
        self.texts.append((self.getpos()[0] + len(data) - len(data.lstrip("\n")), data))


def _said(path: Path, line: int, text: str) -> Iterator[Said]:
    text = " ".join(without_tags(text).split())
    if re.search(r"[^\W\d_]{2}", text):
        yield Said(path, line, text)


def without_tags(text: str) -> str:
    return re.sub(r"<[^>]*>", "", text)


def in_python(path: Path) -> Iterator[Said]:
    """What goes through gettext, and whatever else reads like words. Docstrings are for programmers."""
    nodes = [*ast.walk(ast.parse(path.read_text()))]
    silent = {id(part) for node in nodes for part in _not_texts(node)}
    marked = {
        id(argument)
        for node in nodes
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in GETTEXT
        for argument in node.args
    }
    for node in nodes:
        if id(node) in silent:
            continue
        if isinstance(node, ast.JoinedStr):
            text = "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        else:
            continue
        if id(node) in marked or re.search(r"[^\W\d_]{2}[,:;]? [^\W\d_]", text):
            yield from _said(path, node.lineno, text)


def _not_texts(node: ast.AST) -> Iterator[ast.AST]:
    """Docstrings; and the parts of an f-string, which is one text."""
    if isinstance(node, ast.JoinedStr):
        yield from node.values
    elif isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) and node.body:
        first = node.body[0]
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
            yield first.value


def in_agreement(path: Path) -> Iterator[Said]:
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        yield from _said(path, number, line)
