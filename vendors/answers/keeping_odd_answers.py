"""Taking what looks odd, once whoever typed it says that it is right."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.crypto import salted_hmac

from identity.text_direction import gettext as _
from identity.typed import cleaning
from identity.typed.fields import Name
from vendors.answers.odd_answers import ODD, Odd, as_complaint


@dataclass(frozen=True)
class Offer:
    """A button below a field that puts right what is wrong with it."""

    name: str
    value: str
    label: str


def keeping(name: str) -> str:
    """The field that holds the mark of what was said to be right. It counts for just that text."""
    return f"keep_{name}"


def mark(text: str) -> str:
    """The text itself may be one that a page hides."""
    return salted_hmac(__name__, cleaning.code(text)).hexdigest()[:24]


class OfferingBoundField(forms.BoundField):
    form: MayKeep

    @property
    def kept(self) -> forms.BoundField | None:
        return self.form[keeping(self.name)] if keeping(self.name) in self.form.fields else None

    @property
    def offers(self) -> list[Offer]:
        offers = []
        for error in self.form.errors.as_data().get(self.name, []):
            # A button of the field's own name speaks last, so that it is what counts.
            meant: Iterable[str] = (error.params or {}).get("meant", ())
            offers += [Offer(self.html_name, each, _("Did you mean %s?") % each) for each in meant]
            if error.code == ODD and self.name in self.form.may_keep:
                name = self.form.add_prefix(keeping(self.name))
                offers.append(Offer(name, self.form.mark_of(self.name), _("Keep it as I typed it")))
        return offers


class MayKeep(forms.Form):
    """Reads its `may_keep` fields with parsers that may find something odd."""

    may_keep: Iterable[str] = ()
    bound_field_class = OfferingBoundField

    def add_kept(self) -> None:
        """Once all fields are there, and only where something was kept: a page has many fields that may be."""
        for name in self.may_keep:
            field = self.fields.get(name)
            if field is not None and self.is_bound and self.add_prefix(keeping(name)) in self.data:
                self.fields[keeping(name)] = Name(required=False, widget=forms.HiddenInput)

    def text_of(self, name: str) -> str:
        """As it was typed."""
        return str(self[name].value() or "")

    def mark_of(self, name: str) -> str:
        """Of what is kept: another text is asked about again."""
        return mark(self.text_of(name))

    def is_kept(self, name: str) -> bool:
        return self.cleaned_data.get(keeping(name)) == self.mark_of(name)

    def _clean_fields(self) -> None:
        super()._clean_fields()  # type: ignore[misc]
        for name, errors in list(self.errors.as_data().items()):
            as_typed = (errors[0].params or {}).get("as_typed")
            if as_typed and self.is_kept(name):
                del self.errors[name]
                self.cleaned_data[name] = as_typed

    def read(self, name: str, parse: Callable[[str], str], *refusals: type[Exception], code: str) -> None:
        """Put what the parser gives in place of what was typed, or say what is wrong with it."""
        typed = self.cleaned_data.get(name)
        if not typed:
            return
        try:
            self.cleaned_data[name] = parse(typed)
        except Odd as odd:
            if self.is_kept(name):
                self.cleaned_data[name] = odd.as_typed
            else:
                self.add_error(name, as_complaint(odd))
        except refusals as refusal:
            self.add_error(name, ValidationError(str(refusal), code=code))

    def without_kept(self) -> dict[str, Any]:
        """The answers alone."""
        return {name: value for name, value in self.cleaned_data.items() if name not in map(keeping, self.may_keep)}

    @classmethod
    def typed_as_kept(cls, answer: Mapping[str, Any]) -> dict[str, list[str]]:
        """What was kept once is not asked about again."""
        return {keeping(name): [mark(str(answer[name]))] for name in cls.may_keep if answer.get(name)}
