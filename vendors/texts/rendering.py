"""An email as VM has worded it: checked when it is typed, filled in when it is sent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from django.template import Context, Engine, Template, engines
from django.template.loader_tags import BlockNode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vendors.texts import lifecycle
from vendors.texts.emails import EXAMPLE_LINK, SAFETY, Email, Placeholder, catalogue

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_BRACE = re.compile(r"[{}]")


class Words(NamedTuple):
    subject: str
    body: str


def for_email(template: str, values: Mapping[str, Any]) -> Words | None:
    """What to send instead of the original, if VM has worded it anew. Settings name this (EMAIL_WORDING).

    Asks the database about emails to vendors only.
    """
    email = catalogue().get(template)
    chosen = lifecycle.value(email.key) if email else None
    if email is None or chosen is None:
        return None
    subject = _filled(chosen["subject"], _values(email, email.of_subject, values, f"{template}_subject.txt"))
    body = _filled(chosen["body"], _values(email, email.of_body, values, f"{template}.txt"))
    if email.has_safety:
        body = f"{body}\n\n{_block(f'{template}.txt', SAFETY, values)}"
    return Words(subject, body)


def _filled(text: str, values: Mapping[str, str]) -> str:
    """Once: what is filled in is not looked through for more."""
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], ""), text)


def _values(
    email: Email, placeholders: Mapping[str, Placeholder], values: Mapping[str, Any], name: str
) -> dict[str, str]:
    return {
        placeholder.name: _value(placeholder.source, values) if placeholder.source else _block(name, key, values)
        for key, placeholder in placeholders.items()
    }


def _value(source: str, values: Mapping[str, Any]) -> str:
    template = Template(f"{{{{ {source} }}}}", engine=_engine())
    return template.render(Context(dict(values), autoescape=False))


def _block(name: str, block: str, values: Mapping[str, Any]) -> str:
    template = _engine().get_template(name)
    [node] = [node for node in _blocks(template) if node.name == block]
    context = Context(dict(values), autoescape=False)
    with context.bind_template(template):
        return node.nodelist.render(context).strip("\n")


def _blocks(template: Template) -> list[BlockNode]:
    return [node for node in template.nodelist.get_nodes_by_type(BlockNode) if isinstance(node, BlockNode)]


def _engine() -> Engine:
    return engines["django"].engine  # type: ignore[attr-defined]


# The original, for VM to read and change


@cache
def _unfilled() -> Engine:
    """As the site's, but placeholders pass its filters untouched."""
    site = _engine()
    return Engine(app_dirs=True, libraries=site.libraries, builtins=[*site.builtins[3:], "vendors.texts.unfilled"])


def original(email: Email) -> Words:
    """With a placeholder wherever something is filled in."""
    values = _nested(email.of_body.values())
    return Words(
        _original(f"{email.template}_subject.txt", values).strip(),
        _original(f"{email.template}.txt", values).strip("\n"),
    )


def _original(name: str, values: dict[str, Any]) -> str:
    parent = _unfilled().get_template(name)
    blocks = {block.name: "" if block.name == SAFETY else f"{{{block.name}}}" for block in _blocks(parent)}
    source = f'{{% extends "{name}" %}}' + "".join(
        f"{{% block {name} %}}\n{text}\n\n{{% endblock %}}" if text else f"{{% block {name} %}}{{% endblock %}}"
        for name, text in blocks.items()
    )
    text = _unfilled().from_string(source).render(Context(values, autoescape=False))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in text.splitlines()))


def _nested(placeholders: Any) -> dict[str, Any]:
    """A context in which each value is its placeholder: {"document": {"title": "{title}"}}."""
    values: dict[str, Any] = {}
    for placeholder in placeholders:
        *path, last = placeholder.source.partition("|")[0].split(".")
        inner = values
        for name in path:
            inner = inner.setdefault(name, {})
        if last:
            inner[last] = f"{{{placeholder.name}}}"
    return values


def safety(email: Email) -> str:
    """The paragraph that stays, with its links as examples."""
    if not email.has_safety:
        return ""
    values = dict.fromkeys(("not_me_url", "url", "profile_url", "help_url"), EXAMPLE_LINK)
    return _block(f"{email.template}.txt", SAFETY, values)


def example(email: Email, words: Words) -> Words:
    """With the example of each placeholder filled in."""
    subject = _filled(words.subject, {name: str(each.example) for name, each in email.of_subject.items()})
    body = _filled(words.body, {name: str(each.example) for name, each in email.of_body.items()})
    below = f"\n\n{safety(email)}" if email.has_safety else ""
    return Words(" ".join(subject.split()), re.sub(r"\n{3,}", "\n\n", f"{body.strip()}{below}"))


# What may be typed


def problems_of_subject(email: Email, text: str) -> Iterator[str]:
    yield from _problems(text, email.of_subject)
    used = set(_PLACEHOLDER.findall(text))
    named = ["organisation", *(each.name for each in email.in_subject)]
    if not used & set(named):
        wanted = " or ".join(f"{{{name}}}" for name in named)
        yield _("Keep %(wanted)s in the subject, so that vendors see who is writing.") % {"wanted": wanted}


def problems_of_body(email: Email, text: str) -> Iterator[str]:
    yield from _problems(text, email.of_body)
    used = set(_PLACEHOLDER.findall(text))
    missing = [f"{{{each.name}}}" for each in email.placeholders if each.is_required and each.name not in used]
    if missing:
        sentence = ngettext(
            "Put %(missing)s back: the email is of no use without it.",
            "Put %(missing)s back: the email is of no use without them.",
            len(missing),
        )
        yield sentence % {"missing": ", ".join(missing)}


def _problems(text: str, known: Mapping[str, Placeholder]) -> Iterator[str]:
    unknown = dict.fromkeys(name for name in _PLACEHOLDER.findall(text) if name not in known)
    if unknown:
        sentence = ngettext(
            "Passport cannot fill in %(unknown)s here. You can use %(known)s.",
            "Passport cannot fill in %(unknown)s here. You can use %(known)s.",
            len(unknown),
        )
        values = {"unknown": _listed(unknown), "known": _listed(known)}
        yield sentence % values
    if _BRACE.search(_PLACEHOLDER.sub("", text)):
        yield _(
            "The text has a brace that is not part of a placeholder. Use braces only for placeholders, like "
            "{organisation}."
        )


def _listed(names: Mapping[str, Any]) -> str:
    return ", ".join(f"{{{name}}}" for name in names)
