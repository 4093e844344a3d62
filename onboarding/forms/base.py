"""What the pages of the wizard have in common. What a form gives back is `answer()`, ready for JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.forms.utils import ErrorDict
from django.utils.datastructures import MultiValueDict
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.whole_numbers import is_whole_number
from vendors.answers.keeping_odd_answers import MayKeep, OfferingBoundField, keeping
from vendors.models import Document, Vendor, VendorKind

Answers = Mapping[str, Mapping[str, Any]]
Typed = dict[str, list[str]]

# What is kept of a text that is too long: enough to shorten it, and no more.
KEPT_TIMES = 10
USUAL_LENGTH = 100

TOO_LONG = gettext_lazy("Shorten your answer to %(limit_value)s characters or fewer.")
FAR_TOO_LONG = gettext_lazy(
    "This is more text than we can keep. Shorten your answer to %(limit_value)s characters or fewer."
)

YES_NO = [("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No"))]


def _what_is_missing(field: forms.Field) -> str:
    return _("“%(label)s” needs an answer.") % {"label": field.label}


# Put into words only where it is shown: a long page has hundreds of fields, and few are missing.
_please_answer = lazy(_what_is_missing, str)


class StepBoundField(OfferingBoundField):
    form: StepForm

    def css_classes(self, extra_classes: Any = None) -> str:
        own = getattr(self.field, "css_class", "")
        return " ".join(filter(None, [super().css_classes(extra_classes), own]))

    @property
    def in_words(self) -> str:
        return self.form.shown(self.name)


class StepForm(MayKeep):
    """One page. `earlier` holds the valid answers of the steps it builds on, `documents` the files by kind."""

    bound_field_class = StepBoundField
    use_required_attribute = False
    # Asked for only if another answer says so, hence neither required nor "optional" on the page.
    conditional: Iterable[str] = ()
    css: Mapping[str, str] = {}
    # On the page in some cases only.
    come_and_go: Iterable[str] = ()
    # Answers that a page shows in part only; what is left empty there stays as it is saved.
    hides_saved = False
    # Answers to questions that are not asked at the moment come back when they are asked again.
    keeps_unasked_answers = False
    # An agency is asked other questions than a freelancer (see `ask_not`).
    asks_by_kind = False

    def __init__(
        self, *args: Any, vendor: Vendor, earlier: Answers, documents: Mapping[str, Document], **kwargs: Any
    ) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.vendor = vendor
        self.earlier = earlier
        self.documents = documents
        self.not_asked: set[str] = set()
        self.build()
        self.add_kept()
        too_long = self._shorten()
        for name, field in self.fields.items():
            if getattr(field, "max_length", None):
                field.error_messages["max_length"] = FAR_TOO_LONG if name in too_long else TOO_LONG
            if field.error_messages["required"] is forms.Field.default_error_messages["required"]:
                field.error_messages["required"] = _please_answer(field)
            field.is_conditional = name in self.conditional  # type: ignore[attr-defined]
            field.css_class = self.css.get(name, "")  # type: ignore[attr-defined]

    def _shorten(self) -> set[str]:
        """Forget the rest of what is far too long; in which fields."""
        data: Any = self.data
        shortened: dict[str, list[str]] = {}
        too_long = set()
        for name, field in self.fields.items():
            values = data.getlist(self.add_prefix(name)) if self.is_bound and self.add_prefix(name) in data else []
            kept, is_too_long = _kept(field, values)
            if is_too_long:
                too_long.add(name)
            if kept != values:
                shortened[self.add_prefix(name)] = kept
        if shortened:
            self.data = MultiValueDict({**dict(data.lists()), **shortened})
        self.has_too_much_text = bool(too_long)
        return too_long

    def build(self) -> None:
        """Add the fields that depend on the vendor or on earlier answers."""

    @property
    def works_as(self) -> str:
        """How the vendor works, as far as it has been said."""
        return str(self.earlier.get("about", {}).get("kind", VendorKind.FREELANCER))

    @property
    def is_agency(self) -> bool:
        return self.works_as == VendorKind.COMPANY

    def ask_not(self, *names: str) -> None:
        """Questions for vendors who work in another way: what was answered waits in the draft for the way back."""
        for name in names:
            del self.fields[name]
        self.not_asked.update(names)

    def waiting(self, stored: Typed) -> Typed:
        """What is kept of questions that are not asked because of how the vendor works."""
        names = {self.add_prefix(each) for name in self.not_asked for each in (name, keeping(name))}
        return {name: values for name, values in stored.items() if name in names}

    def require(self, *names: str) -> None:
        for name in names:
            if name in self.cleaned_data and self.cleaned_data[name] in (None, "", []):
                self.add_error(name, ValidationError(self.fields[name].error_messages["required"], code="required"))

    def leave_out(self, *names: str) -> None:
        """Not asked for in the branch that was chosen: neither judged nor answered, but still kept as it was typed."""
        for name in names:
            self.errors.pop(name, None)
            self.cleaned_data[name] = getattr(self.fields[name], "empty_value", None)

    def forgive(self, *names: str) -> None:
        """Nobody sees what is wrong where nothing is asked."""
        for name in names:
            self.errors.pop(name, None)

    def unjudged(self) -> StepForm:
        """Show what was typed without a verdict: nobody has asked for one yet."""
        self._errors = ErrorDict()
        return self

    @property
    def lacks_only(self) -> bool:
        """Is every complaint about something missing, none about something wrong?"""
        return all(error.code == "required" for errors in self.errors.as_data().values() for error in errors)

    def asked(self) -> set[str]:
        """The questions that the page showed, named as the browser sends them.

        Of those that come and go with other answers, whatever came was shown, whether or not it is asked in the branch
        that was chosen now. Of boxes nothing comes when none is ticked, so those that are asked now count as shown.
        """
        fields = {self.add_prefix(name): (name, field) for name, field in {**self.base_fields, **self.fields}.items()}
        return {
            html_name
            for html_name, (name, field) in fields.items()
            if not isinstance(field, forms.FileField)
            and name not in self.not_asked
            and (
                self._is_always_shown(name)
                or not field.widget.value_omitted_from_data(self.data, self.files, html_name)
            )
        }

    def _is_always_shown(self, name: str) -> bool:
        return name in self.base_fields and name in self.fields and name not in self.come_and_go

    def as_asked(self, stored: Typed) -> Typed:
        """What is kept of this page, as answers to the questions that are asked now."""
        return stored

    def typed(self, *, another_row: bool = False) -> Typed:
        """What is kept: the answers to this page's questions as they were typed, and nothing else of the request."""
        data: Any = self.data  # a QueryDict from the browser, a MultiValueDict from the draft
        asked = {name: data.getlist(name) for name in sorted(self.asked()) if name in data}
        shown_now = {self.add_prefix(name) for name in self.fields}
        # Those of fields are shortened already.
        return {
            name: values if name in shown_now else _kept(_OF_ANOTHER_TIME, values)[0] for name, values in asked.items()
        }

    def with_saved(self, typed: Typed, saved: Typed) -> Typed:
        """What was typed now, together with saved answers that the page hid and that were not replaced."""
        return typed

    def hide_saved(self, typed: Mapping[str, str]) -> None:
        """Show of what is saved what a browser in other hands may show; `typed` was typed just now."""

    @classmethod
    def typed_from(cls, answer: Mapping[str, Any]) -> Typed:
        """What gives this answer when it is typed: the way back from `answer()`, without the page's prefix."""
        typed = {name: as_typed(value) for name, value in answer.items() if name in cls.base_fields}
        return typed | cls.typed_as_kept(answer)

    def last_row_id(self, typed: Typed) -> str:
        """Where the page goes on after another row was added."""
        return ""

    def row_count(self, name: str, *, at_most: int) -> int:
        """How many rows the page has, by the hidden field of this name."""
        typed = str(self.data.get(self.add_prefix(name), "1")) if self.is_bound else "1"
        return max(1, min(int(typed), at_most)) if is_whole_number(typed) else 1

    def question(self, name: str) -> str:
        """What is asked, without for which pair or service: those are answers."""
        return name.removeprefix(keeping("")).partition("-")[0]

    def question_label(self, name: str) -> str:
        """The question as the page puts it, with no more of the answers than `question` has."""
        return str(self.fields[name].label or "")

    def full_label(self, name: str) -> str:
        """A label that is clear away from its place on the page."""
        return str(self.fields[name].label or "")

    def new_files(self) -> dict[str, UploadedFile]:
        """Chosen now and found good, whatever is wrong with the rest of the page."""
        return {}

    def files_to_remove(self) -> list[str]:
        return []

    def field_of(self, slot: str) -> str:
        """The name of the field in which this file is chosen."""
        return slot

    def slot_of(self, field: str) -> str:
        """The way back from `field_of`."""
        return field

    def note_when_saved(self) -> str:
        """What the vendor should hear at once, on the page that comes next."""
        return ""

    @property
    def has_refused_file(self) -> bool:
        return any(error.code == "refused_file" for errors in self.errors.as_data().values() for error in errors)

    def is_settled(self, name: str, *others: str) -> bool:
        """Answered, and nothing is wrong with it or the others: the page may fold them away behind the answer."""
        return bool(self[name].value()) and not any(self[each].errors for each in (name, *others))

    def shown(self, name: str) -> str:
        """The value of a field as words, for showing two versions side by side."""
        value = self[name].value()
        labels = dict(_flat(getattr(self.fields[name], "choices", ())))
        values = value if isinstance(value, list | tuple) else [value]
        return ", ".join(str(labels.get(item, item)) for item in values if item not in (None, "", False))

    def answer(self) -> dict[str, Any]:
        return self.without_kept()


def kept_length(field: forms.Field) -> int:
    """How many characters are kept of an answer, all its values together."""
    if isinstance(field, forms.MultipleChoiceField):
        choices: Any = field.choices
        return KEPT_TIMES * max(USUAL_LENGTH, sum(len(str(value)) + len(str(label)) for value, label in _flat(choices)))
    return KEPT_TIMES * (getattr(field, "max_length", None) or USUAL_LENGTH)


def _kept(field: forms.Field, values: list[str]) -> tuple[list[str], bool]:
    """What is kept of the values, and whether they were as long as anything that is kept."""
    if isinstance(field, forms.MultipleChoiceField):
        if sum(map(len, values)) < KEPT_TIMES * USUAL_LENGTH:
            return values, False  # without a look at the labels, which would all be put into words
    elif not isinstance(field.widget, forms.MultipleHiddenInput):
        values = values[-1:]  # the one that counts, if a program sends several
    left = limit = kept_length(field)
    kept = []
    for value in values:
        kept.append(value[:left])
        left -= len(value)
        if left <= 0:
            break
    return kept, sum(map(len, kept)) >= limit


# Questions that are not asked at the moment have no field that says how long their answers are.
_OF_ANOTHER_TIME = forms.MultipleChoiceField()


def as_typed(value: Any) -> list[str]:
    if isinstance(value, list | tuple):
        return [str(item) for item in value]
    return ["" if value is None else str(value)]


def _flat(choices: Iterable[Any]) -> Iterable[tuple[Any, Any]]:
    for value, label in choices:
        if isinstance(label, list | tuple):
            yield from label
        else:
            yield value, label
