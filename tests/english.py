"""Every text that the code has for people to read, with its place: what templates say, and strings in Python."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from django.template.base import Lexer, Token, TokenType

from tests.processes import PROJECT

PACKAGES = ("identity", "vendors", "onboarding", "passport")
GETTEXT = {"_", "gettext", "gettext_lazy", "pgettext", "pgettext_lazy", "ngettext", "ngettext_lazy", "npgettext"}
QUOTED = re.compile(r"""^translate\s+(?:"([^"]*)"|'([^']*)')""")
SPOKEN = re.compile(r"""\b(?:alt|aria-label|placeholder|title)="([^"]+)\"""")


class Said(NamedTuple):
    path: Path
    line: int
    text: str

    @property
    def place(self) -> str:
        return f"{self.path.relative_to(PROJECT)}:{self.line}"


def everything() -> Iterator[Said]:
    for package in PACKAGES:
        for path in sorted((PROJECT / package).rglob("*")):
            if path.suffix in {".html", ".txt"} and "templates" in path.parts:
                yield from in_template(path)
            elif path.suffix == ".py" and "migrations" not in path.parts:
                yield from in_python(path)
            elif path.suffix == ".toml":
                yield from in_agreement(path)


def in_template(path: Path) -> Iterator[Said]:
    for line, text in template_texts(Lexer(path.read_text()).tokenize()):
        if re.search(r"[^\W\d_]{2}", text):
            yield Said(path, line, " ".join(text.split()))


def template_texts(tokens: list[Token]) -> Iterator[tuple[int, str]]:
    """A message as one text, what stands outside of messages tag by tag."""
    message: list[str] | None = None
    is_comment = False
    start = 0
    for token in tokens:
        name = token.contents.split(" ")[0] if token.token_type == TokenType.BLOCK else ""
        if name in ("comment", "endcomment"):
            is_comment = name == "comment"
        elif is_comment or token.token_type == TokenType.COMMENT:
            continue
        elif name == "blocktranslate":
            message, start = [], token.lineno
        elif name == "endblocktranslate" and message is not None:
            yield start, without_tags("".join(message))
            message = None
        elif name == "translate":
            if quoted := QUOTED.match(token.contents):
                yield token.lineno, quoted[1] or quoted[2]
        elif name:
            for literal in re.findall(r"""_\("([^"]*)"\)""", token.contents):
                yield token.lineno, literal
        elif message is not None:
            message.append(token.contents if token.token_type == TokenType.TEXT else "…")
        elif token.token_type == TokenType.TEXT:
            yield from loose_texts(token.contents, token.lineno)


def loose_texts(source: str, line: int) -> Iterator[tuple[int, str]]:
    for text in SPOKEN.findall(source):
        yield line, text
    for number, text in enumerate(
        re.sub(r"<[^>]*>?|^[^<]*>", lambda tag: "\n" * tag[0].count("\n"), source).split("\n")
    ):
        yield line + number, text


def without_tags(text: str) -> str:
    return re.sub(r"<[^>]*>", "", text)


def in_python(path: Path) -> Iterator[Said]:
    """What goes through gettext, and whatever else looks like words; not docstrings, which nobody reads on a screen."""
    tree = ast.parse(path.read_text())
    silent = {id(part) for node in ast.walk(tree) for part in unread(node)}
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    marked = {
        id(argument)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in GETTEXT
        for argument in node.args
    }
    for node in ast.walk(tree):
        if id(node) in silent or id(node) in parts:
            continue
        if isinstance(node, ast.JoinedStr):
            text = "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        else:
            continue
        if id(node) in marked or re.search(r"[^\W\d_]{2}[,:;]? [^\W\d_]", text):
            yield Said(path, node.lineno, " ".join(without_tags(text).split()))


def unread(node: ast.AST) -> Iterator[ast.AST]:
    """Docstrings."""
    if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) and node.body:
        first = node.body[0]
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
            yield first.value


def in_agreement(path: Path) -> Iterator[Said]:
    for value in tomllib.loads(path.read_text()).values():
        for text in str(value).split("\n\n"):
            yield Said(path, 1, " ".join(text.split()))
