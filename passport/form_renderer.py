"""Draws form fields from the project's templates, and lists of choices in Python.

A page of the wizard has hundreds of options. Django's template engine takes twenty microseconds for each, which was
a sixth of such a page; joining strings takes a tenth of that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.forms.renderers import TemplatesSetting
from django.http import HttpRequest
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

Widget = Mapping[str, Any]


class FormRenderer(TemplatesSetting):
    def render(self, template_name: str, context: Mapping[str, Any], request: HttpRequest | None = None) -> str:
        draw = DRAWN_HERE.get(template_name)
        return draw(context["widget"]) if draw else super().render(template_name, dict(context), request)


def attributes(attrs: Mapping[str, Any]) -> str:
    """True is an attribute without a value, False is none: as in Django's attrs.html."""
    return "".join(
        f" {name}" if value is True else f' {name}="{conditional_escape(value)}"'
        for name, value in attrs.items()
        if value is not None and value is not False
    )


def select(widget: Widget) -> SafeString:
    html = [f'<select name="{conditional_escape(widget["name"])}"{attributes(widget["attrs"])}>']
    for group, options, _index in widget["optgroups"]:
        if group:
            html.append(f'<optgroup label="{conditional_escape(group)}">')
        html += [
            f'<option value="{conditional_escape(option["value"])}"{attributes(option["attrs"])}>'
            f"{conditional_escape(option['label'])}</option>"
            for option in options
        ]
        if group:
            html.append("</optgroup>")
    html.append("</select>")
    return mark_safe("".join(html))


def boxes(widget: Widget) -> SafeString:
    """Radio buttons, or boxes to tick, each within its label."""
    attrs = widget["attrs"]
    html = [f"<div{attributes({name: attrs[name] for name in ('id', 'class') if attrs.get(name)})}>"]
    for group, options, _index in widget["optgroups"]:
        if group:
            html.append(f"<div><label>{conditional_escape(group)}</label>")
        html += [f"<div>{_box(option)}</div>" for option in options]
        if group:
            html.append("</div>")
    html.append("</div>")
    return mark_safe("".join(html))


def _box(option: Widget) -> str:
    value = {} if option["value"] is None else {"value": option["value"]}
    box = f"<input{attributes({'type': option['type'], 'name': option['name']} | value | option['attrs'])}>"
    if not option["wrap_label"]:
        return box
    named = attributes({"for": option["attrs"]["id"]} if option["attrs"].get("id") else {})
    return f"<label{named}>{box} {conditional_escape(option['label'])}</label>"


DRAWN_HERE: Mapping[str, Callable[[Widget], SafeString]] = {
    "django/forms/widgets/select.html": select,
    "django/forms/widgets/radio.html": boxes,
    "django/forms/widgets/checkbox_select.html": boxes,
}
