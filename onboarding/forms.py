"""The questions of the wizard, one form a step. What a form gives back is `answer()`, ready for JSON."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.forms.utils import ErrorDict
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vendors import agreements, catalogue, iso_17100, languages, payment, uploads
from vendors.form_fields import AmountField, LanguageField, Text, phone_number
from vendors.models import Document, Vendor, VendorKind

Answers = Mapping[str, Mapping[str, Any]]
Typed = dict[str, list[str]]

MAX_PAIRS = 60
YES_NO = [("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No"))]


class StepBoundField(forms.BoundField):
    def css_classes(self, extra_classes: Any = None) -> str:
        own = getattr(self.field, "css_class", "")
        return " ".join(filter(None, [super().css_classes(extra_classes), own]))


class StepForm(forms.Form):
    """One page. `earlier` holds the valid answers of the steps it builds on, `documents` the files by kind."""

    bound_field_class = StepBoundField
    use_required_attribute = False
    # Asked for only if another answer says so, hence neither required nor "optional" on the page.
    conditional: Iterable[str] = ()
    css: Mapping[str, str] = {}
    # Answers to questions that are not asked at the moment come back when they are asked again.
    keeps_unasked_answers = False

    def __init__(
        self, *args: Any, vendor: Vendor, earlier: Answers, documents: Mapping[str, Document], **kwargs: Any
    ) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.vendor = vendor
        self.earlier = earlier
        self.documents = documents
        self.build()
        for name, field in self.fields.items():
            if field.error_messages["required"] == forms.Field.default_error_messages["required"]:
                is_choice = isinstance(field, forms.ChoiceField)
                message = _("Please choose: %(label)s") if is_choice else _("Please fill in: %(label)s")
                field.error_messages["required"] = message % {"label": field.label}
            field.is_conditional = name in self.conditional  # type: ignore[attr-defined]
            field.css_class = self.css.get(name, "")  # type: ignore[attr-defined]

    def build(self) -> None:
        """Add the fields that depend on the vendor or on earlier answers."""

    def require(self, *names: str) -> None:
        for name in names:
            if name in self.cleaned_data and self.cleaned_data[name] in (None, "", []):
                self.add_error(name, ValidationError(self.fields[name].error_messages["required"], code="required"))

    def unjudged(self) -> StepForm:
        """Show what was typed without a verdict: nobody has asked for one yet."""
        self._errors = ErrorDict()
        return self

    @property
    def lacks_only(self) -> bool:
        """Is every complaint about something missing, none about something wrong?"""
        return all(error.code == "required" for errors in self.errors.as_data().values() for error in errors)

    def asked(self) -> set[str]:
        """Names as the browser sends them."""
        return {self.add_prefix(name) for name, field in self.fields.items() if not isinstance(field, forms.FileField)}

    def typed(self, *, another_row: bool = False) -> Typed:
        """What is kept: the answers to this page's questions as they were typed, and nothing else of the request."""
        data: Any = self.data  # a QueryDict from the browser, a MultiValueDict from the draft
        return {name: data.getlist(name) for name in sorted(self.asked()) if name in data}

    def last_row_id(self, typed: Typed) -> str:
        """Where the page goes on after another row was added."""
        return ""

    def question(self, name: str) -> str:
        """What is asked, without for which pair or service: those are answers."""
        return name.partition("-")[0]

    def full_label(self, name: str) -> str:
        """A label that is clear away from its place on the page."""
        return str(self.fields[name].label or "")

    def new_files(self) -> dict[str, UploadedFile]:
        """Chosen now and found good, whatever is wrong with the rest of the page."""
        return {}

    def files_to_remove(self) -> list[str]:
        return []

    @property
    def has_refused_file(self) -> bool:
        return any(error.code == "refused_file" for errors in self.errors.as_data().values() for error in errors)

    def shown(self, name: str) -> str:
        """The value of a field as words, for showing two versions side by side."""
        value = self[name].value()
        labels = dict(_flat(getattr(self.fields[name], "choices", ())))
        values = value if isinstance(value, list | tuple) else [value]
        return ", ".join(str(labels.get(item, item)) for item in values if item not in (None, "", False))

    def answer(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


def _flat(choices: Iterable[Any]) -> Iterable[tuple[Any, Any]]:
    for value, label in choices:
        if isinstance(label, list | tuple):
            yield from label
        else:
            yield value, label


class AboutForm(StepForm):
    kind = forms.ChoiceField(
        label=gettext_lazy("How do you work?"),
        choices=[
            (VendorKind.FREELANCER, gettext_lazy("As a freelancer, under my own name")),
            (VendorKind.THROUGH_COMPANY, gettext_lazy("As a freelancer, but a company of mine sends the invoices")),
            (VendorKind.COMPANY, gettext_lazy("We are a company with several translators")),
        ],
        widget=forms.RadioSelect,
    )
    full_name = Text(
        label=gettext_lazy("Your full name"),
        help_text=gettext_lazy(
            "In any script, as it should stand in a contract. For a company: the person we talk to."
        ),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    display_name = Text(
        label=gettext_lazy("How should our mails greet you?"),
        help_text=gettext_lazy("If you leave this empty, we use your full name."),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "nickname"}),
    )
    company_legal_name = Text(
        label=gettext_lazy("Name of the company"),
        help_text=gettext_lazy(
            "As it is registered. Only if you work as or through a company: it goes on the contract."
        ),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    conditional = ["company_legal_name"]

    def build(self) -> None:
        self.initial.setdefault("full_name", self.vendor.name)

    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("kind") in (VendorKind.COMPANY, VendorKind.THROUGH_COMPANY):
            self.require("company_legal_name")
        return self.cleaned_data

    def answer(self) -> dict[str, Any]:
        answer = super().answer()
        if answer["kind"] == VendorKind.FREELANCER:
            answer["company_legal_name"] = ""
        return answer


class ContactForm(StepForm):
    phone = Text(
        label=gettext_lazy("Telephone number"),
        help_text=gettext_lazy("We call only when a mail would be too slow, or to make sure that a request is yours."),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "type": "tel"}),
    )
    contact_email = forms.EmailField(
        label=gettext_lazy("Another email address for job offers"),
        help_text=gettext_lazy("Only if offers should go elsewhere. You always sign in with the address above."),
        max_length=254,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    address_lines = Text(
        label=gettext_lazy("Street address"),
        help_text=gettext_lazy("One to three lines. It goes on contracts and purchase orders."),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "street-address"}),
    )
    postal_code = Text(
        label=gettext_lazy("Postal code"),
        max_length=12,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "postal-code"}),
    )
    locality = Text(
        label=gettext_lazy("Town or city"),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "address-level2"}),
    )
    region = Text(
        label=gettext_lazy("State, province or region"),
        help_text=gettext_lazy("Needed for Australia, Brazil, Canada, India and the United States."),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "address-level1"}),
    )
    country = forms.ChoiceField(label=gettext_lazy("Country"))
    time_zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        help_text=gettext_lazy(
            "So that deadlines mean the same to both of us. "
            "You may leave it empty if the clocks are the same everywhere in your country."
        ),
        required=False,
    )
    conditional = ["region", "time_zone"]
    css = {"postal_code": "narrow"}

    NEEDS_REGION = {"AU", "BR", "CA", "IN", "US"}

    def build(self) -> None:
        country, time_zone = self.fields["country"], self.fields["time_zone"]
        country.choices = [("", _("Choose a country")), *catalogue.countries()]  # type: ignore[attr-defined]
        country.widget.attrs["autocomplete"] = "country"
        time_zone.choices = [("", _("Choose the nearest place")), *catalogue.time_zones()]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        country = cleaned.get("country", "")
        if country in self.NEEDS_REGION:
            self.require("region")
        if country and not cleaned.get("time_zone") and "time_zone" in cleaned:
            cleaned["time_zone"] = catalogue.only_time_zone(country)
            self.require("time_zone")
        if cleaned.get("address_lines", "").count("\n") > 2:
            self.add_error("address_lines", _("Please write the street address in at most three lines."))
        # Without the country that is still to be chosen, a number as it is dialled there means nothing yet.
        if cleaned.get("phone") and (country or cleaned["phone"].startswith("+")):
            try:
                cleaned["phone"] = phone_number(cleaned["phone"], country=country)
            except ValidationError as error:
                self.add_error("phone", error)
        return cleaned


class LanguagesForm(StepForm):
    native_1 = LanguageField(
        label=gettext_lazy("Your native language"),
        help_text=gettext_lazy(
            "Start typing and choose from the list, or write the name in English. Name the variety if it matters, as in"
            " Spanish (Mexico)."
        ),
    )
    native_2 = LanguageField(
        label=gettext_lazy("A second native language"),
        help_text=gettext_lazy("If you grew up with two."),
        required=False,
    )
    pairs = forms.CharField(widget=forms.HiddenInput, required=False)

    def build(self) -> None:
        for number in range(self.count):
            values = {"number": number + 1}
            missing = _("Please say from which language you translate in pair %(number)s.") % values
            self.fields[f"pairs-{number}-source"] = LanguageField(
                label=_("From"), required=False, error_messages={"required": missing}
            )
            missing = _("Please say into which language you translate in pair %(number)s.") % values
            self.fields[f"pairs-{number}-target"] = LanguageField(
                label=_("Into"), required=False, error_messages={"required": missing}
            )
            self.fields[f"pairs-{number}-remove"] = forms.BooleanField(
                label=_("Remove pair %(number)s") % values, required=False
            )
        self.conditional = [name for name in self.fields if name.startswith("pairs-")]
        self.initial["pairs"] = self.count

    @property
    def count(self) -> int:
        said = self.data.get(self.add_prefix("pairs"), "1") if self.is_bound else "1"
        return max(1, min(int(said), MAX_PAIRS)) if str(said).isascii() and str(said).isdecimal() else 1

    def full_label(self, name: str) -> str:
        _pairs, _dash, rest = name.partition("-")
        number = rest.partition("-")[0]
        label = super().full_label(name)
        return f"{_('Pair')} {int(number) + 1}: {label}" if number.isdecimal() else label

    @property
    def may_add_row(self) -> bool:
        return self.count < MAX_PAIRS

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [
            {
                "number": number + 1,
                "source": self[f"pairs-{number}-source"],
                "target": self[f"pairs-{number}-target"],
                "remove": self[f"pairs-{number}-remove"] if self.count > 1 else None,
            }
            for number in range(self.count)
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        native = cleaned.get("native_1")
        if native and native == cleaned.get("native_2"):
            self.add_error("native_2", _("This is the same language as the first one."))
        seen: set[tuple[str, str]] = set()
        for number in range(self.count):
            source_name, target_name = f"pairs-{number}-source", f"pairs-{number}-target"
            if self._is_left_out(number):
                for name in (source_name, target_name):
                    self.errors.pop(name, None)
                    cleaned[name] = ""
                continue
            self.require(source_name, target_name)
            source, target = cleaned.get(source_name), cleaned.get(target_name)
            if not source or not target:
                continue
            if source == target:
                self.add_error(
                    target_name, _("Both languages of pair %(number)s are the same.") % {"number": number + 1}
                )
            elif (source, target) in seen:
                self.add_error(
                    target_name,
                    _("Pair %(number)s, %(pair)s, is there twice.")
                    % {"number": number + 1, "pair": languages.pair_name(source, target)},
                )
            seen.add((source, target))
        if not seen and not any(name.startswith("pairs-") for name in self.errors):
            self.require("pairs-0-source", "pairs-0-target")
        return cleaned

    def _is_left_out(self, number: int) -> bool:
        """Ticked for removal, or a further row that nobody has begun."""
        names = [self.add_prefix(f"pairs-{number}-{part}") for part in ("source", "target")]
        is_empty = not any(self.data.get(name, "").strip() for name in names)
        return bool(self.cleaned_data.get(f"pairs-{number}-remove")) or (is_empty and number > 0)

    def typed(self, *, another_row: bool = False) -> Typed:
        """Rows that were removed or never begun are closed up."""
        typed = super().typed()
        rows = []
        for number in range(self.count):
            row = [typed.pop(self.add_prefix(f"pairs-{number}-{part}"), [""]) for part in ("source", "target")]
            removed = typed.pop(self.add_prefix(f"pairs-{number}-remove"), None)
            if not removed and any(value[-1].strip() for value in row):
                rows.append(row)
        rows = rows or [[[""], [""]]]
        if another_row and len(rows) < MAX_PAIRS:
            rows.append([[""], [""]])
        for number, (source, target) in enumerate(rows):
            typed[self.add_prefix(f"pairs-{number}-source")] = source
            typed[self.add_prefix(f"pairs-{number}-target")] = target
        typed[self.add_prefix("pairs")] = [str(len(rows))]
        return typed

    def last_row_id(self, typed: Typed) -> str:
        last = int(typed[self.add_prefix("pairs")][0]) - 1
        return f"id_{self.add_prefix(f'pairs-{last}-source')}"

    def answer(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        pairs = [
            {"source": cleaned[f"pairs-{number}-source"], "target": cleaned[f"pairs-{number}-target"]}
            for number in range(self.count)
        ]
        return {
            "native": [tag for tag in (cleaned["native_1"], cleaned["native_2"]) if tag],
            "pairs": [pair for pair in pairs if pair["source"] and pair["target"]],
        }


def pair_key(pair: Mapping[str, Any]) -> str:
    return f"{pair['source']}.{pair['target']}"


def pair_label(pair: Mapping[str, Any]) -> str:
    return languages.pair_name(pair["source"], pair["target"])


class ServicesForm(StepForm):
    everywhere = forms.MultipleChoiceField(
        choices=catalogue.SERVICES, widget=forms.CheckboxSelectMultiple, required=False
    )
    specialisms = forms.MultipleChoiceField(
        label=gettext_lazy("What do you know best?"),
        help_text=gettext_lazy("One to five subjects. We offer you work in these first, so fewer is better."),
        choices=catalogue.SPECIALISMS,
        widget=forms.CheckboxSelectMultiple,
    )
    cat_tools = forms.MultipleChoiceField(
        label=gettext_lazy("Which CAT tools do you work with?"),
        help_text=gettext_lazy("Only those you have now. None is a fine answer too."),
        choices=catalogue.CAT_TOOLS,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    other_tools = Text(
        label=gettext_lazy("Other tools"),
        help_text=gettext_lazy("Separated by commas."),
        max_length=200,
        required=False,
    )
    conditional = ["everywhere"]
    css = {"everywhere": "columns", "specialisms": "columns", "cat_tools": "columns"}
    keeps_unasked_answers = True

    def build(self) -> None:
        self.pairs = list(self.earlier.get("languages", {}).get("pairs", []))
        everywhere = self.fields["everywhere"]
        if len(self.pairs) == 1:
            everywhere.label = _("What do you offer in %(pair)s?") % {"pair": pair_label(self.pairs[0])}
            return
        everywhere.label = _("What do you offer in all your language pairs?")
        everywhere.help_text = _("You can add more for a single pair below.")
        alone = [f"only-{pair_key(pair)}" for pair in self.pairs]
        for name, pair in zip(alone, self.pairs, strict=True):
            missing = _("Please choose at least one service for %(pair)s.") % {"pair": pair_label(pair)}
            self.fields[name] = forms.MultipleChoiceField(
                label=pair_label(pair),
                choices=catalogue.SERVICES,
                widget=forms.CheckboxSelectMultiple,
                required=False,
                error_messages={"required": missing},
            )
        self.order_fields(["everywhere", *alone])
        self.conditional = ["everywhere", *alone]
        self.css = {**self.css, **dict.fromkeys(alone, "columns")}

    @property
    def single_pairs(self) -> list[dict[str, Any]]:
        """The pairs with services of their own, when there is more than one pair."""
        fields = [self[name] for name in self.fields if name.startswith("only-")]
        return [{"field": field, "open": bool(field.errors or field.value())} for field in fields]

    def clean_specialisms(self) -> list[str]:
        chosen = self.cleaned_data["specialisms"]
        if len(chosen) > 5:
            raise ValidationError(
                _("You have chosen %(count)s subjects. Please keep the five you know best.") % {"count": len(chosen)},
                code="too_many",
            )
        return chosen

    def clean_other_tools(self) -> str:
        text = self.cleaned_data["other_tools"]
        if any(len(tool.strip()) > 32 for tool in text.split(",")):
            raise ValidationError(_("Please write commas between the tools, at most 32 letters each."), code="too_long")
        return text

    def clean(self) -> dict[str, Any]:
        everywhere = self.cleaned_data.get("everywhere", [])
        alone = [f"only-{pair_key(pair)}" for pair in self.pairs] if len(self.pairs) > 1 else []
        if not everywhere and not any(self.cleaned_data.get(name) for name in alone):
            self.require("everywhere")
        elif not everywhere:
            self.require(*alone)
        return self.cleaned_data

    def answer(self) -> dict[str, Any]:
        order = [code for code, _label in catalogue.SERVICES]
        pairs = []
        for pair in self.pairs:
            alone = self.cleaned_data.get(f"only-{pair_key(pair)}", [])
            chosen = {*self.cleaned_data["everywhere"], *alone}
            pairs.append({**pair, "services": sorted(chosen, key=order.index)})
        other = [tool.strip() for tool in self.cleaned_data["other_tools"].split(",") if tool.strip()]
        return {
            "pairs": pairs,
            "specialisms": self.cleaned_data["specialisms"],
            "cat_tools": [*self.cleaned_data["cat_tools"], *other],
        }


class RatesForm(StepForm):
    """Each service has a usual rate; a pair that differs gets its own. So one pair is as quick as fifty."""

    currency = forms.ChoiceField(
        label=gettext_lazy("Currency of your rates and invoices"),
        choices=[(code, catalogue.currency_name(code)) for code in catalogue.CURRENCIES],
    )
    minimum_fee = AmountField(
        label=gettext_lazy("Minimum fee for a small job"),
        help_text=gettext_lazy("For example, if 50 words should never cost less than 20.00, write 20."),
        decimals=2,
        required=False,
    )
    keeps_unasked_answers = True
    css = {"currency": "narrow", "minimum_fee": "narrow"}

    def build(self) -> None:
        self.pairs_of_service: dict[str, list[Mapping[str, Any]]] = {}
        for pair in self.earlier.get("services", {}).get("pairs", []):
            for service in pair["services"]:
                self.pairs_of_service.setdefault(service, []).append(pair)
        for service, pairs in self.pairs_of_service.items():
            name = catalogue.service_name(service)
            units = [(unit, catalogue.unit_name(unit)) for unit in catalogue.UNITS_OF_SERVICE[service]]
            missing = _("Please fill in your rate for: %(service)s") % {"service": name}
            self.fields[f"usual-{service}"] = AmountField(
                label=_("Your rate"), decimals=4, error_messages={"required": missing}
            )
            self.fields[f"unit-{service}"] = forms.ChoiceField(label=_("Unit"), choices=units)
            if len(pairs) > 1:
                for pair in pairs:
                    self._add_own_rate(service, pair, units)
        self.conditional = [name for name in self.fields if name.startswith("own-")]
        self.initial.setdefault("currency", "EUR")

    def _add_own_rate(self, service: str, pair: Mapping[str, Any], units: list[tuple[str, str]]) -> None:
        key = f"{service}-{pair_key(pair)}"
        label = pair_label(pair)
        self.fields[f"own-amount-{key}"] = AmountField(label=label, decimals=4, required=False)
        self.fields[f"own-unit-{key}"] = forms.ChoiceField(
            label=_("Unit for %(pair)s") % {"pair": label}, choices=[("", _("same unit")), *units], required=False
        )

    def full_label(self, name: str) -> str:
        label = super().full_label(name)
        service = next((code for code in self.pairs_of_service if f"-{code}" in name), "")
        return f"{catalogue.service_name(service)}: {label}" if service else label

    @property
    def services(self) -> list[dict[str, Any]]:
        groups = []
        for service, pairs in self.pairs_of_service.items():
            keys = [f"{service}-{pair_key(pair)}" for pair in pairs] if len(pairs) > 1 else []
            own = [{"amount": self[f"own-amount-{key}"], "unit": self[f"own-unit-{key}"]} for key in keys]
            groups.append(
                {
                    "name": catalogue.service_name(service),
                    "amount": self[f"usual-{service}"],
                    "unit": self[f"unit-{service}"],
                    "own": own,
                    "open": any(field.errors or field.value() for row in own for field in (row["amount"], row["unit"])),
                }
            )
        return groups

    def clean(self) -> dict[str, Any]:
        for name in list(self.cleaned_data):
            key = name.removeprefix("own-unit-")
            if key != name and self.cleaned_data[name] and self.cleaned_data.get(f"own-amount-{key}", 0) is None:
                amount = self.fields[f"own-amount-{key}"]
                message = _("Please fill in the rate for %(pair)s too.") % {"pair": amount.label}
                self.add_error(f"own-amount-{key}", ValidationError(message, code="required"))
        return self.cleaned_data

    def answer(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        rates = []
        for service, pairs in self.pairs_of_service.items():
            for pair in pairs:
                key = f"{service}-{pair_key(pair)}"
                rates.append(
                    {
                        "source": pair["source"],
                        "target": pair["target"],
                        "service": service,
                        "unit": cleaned.get(f"own-unit-{key}") or cleaned[f"unit-{service}"],
                        "amount": str(cleaned.get(f"own-amount-{key}") or cleaned[f"usual-{service}"]),
                        "currency": cleaned["currency"],
                    }
                )
        fee = cleaned["minimum_fee"]
        return {"currency": cleaned["currency"], "minimum_fee": str(fee) if fee else "", "rates": rates}


class UploadField(forms.FileField):
    """A file that has been looked into: its content type is what the bytes say, not what the browser said."""

    widget = forms.FileInput

    def __init__(self, *, kinds: tuple[str, ...], **kwargs: Any) -> None:
        self.kinds = kinds
        super().__init__(**kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        accept = ",".join(extension for kind in self.kinds for extension in uploads.EXTENSIONS[kind])
        return super().widget_attrs(widget) | {"accept": accept}

    def to_python(self, data: Any) -> UploadedFile | None:
        if data in self.empty_values:
            return None
        try:
            data.content_type = uploads.check(data, kinds=self.kinds)
        except uploads.Refused as refused:
            raise ValidationError(str(refused), code="refused_file") from refused
        return data


class QualificationsForm(StepForm):
    """ISO 17100's route is found by three questions; the evidence follows from it."""

    translation_degree = forms.ChoiceField(
        label=gettext_lazy("Do you have a degree in translation, linguistics or languages?"),
        choices=YES_NO,
        widget=forms.RadioSelect,
    )
    other_degree = forms.ChoiceField(
        label=gettext_lazy("Do you have a degree in another subject?"), choices=YES_NO, widget=forms.RadioSelect
    )
    experience_years = AmountField(
        label=gettext_lazy("For how many years have you translated full time?"),
        help_text=gettext_lazy(
            "Part-time work counts in proportion: four years at half time are 2. Write 0 for none yet."
        ),
        decimals=2,
        zero_allowed=True,
    )
    degree_title = Text(label=gettext_lazy("Title of your degree"), max_length=200, required=False)
    institution = Text(label=gettext_lazy("Where you got it"), max_length=200, required=False)
    institution_country = forms.ChoiceField(label=gettext_lazy("In which country"), required=False)
    graduated_in = forms.IntegerField(
        label=gettext_lazy("In which year"), required=False, widget=forms.TextInput(attrs={"inputmode": "numeric"})
    )
    cv = UploadField(
        label=gettext_lazy("Your CV"),
        help_text=gettext_lazy("PDF, Word (.docx), JPEG or PNG, smaller than 10 MB."),
        kinds=(uploads.PDF, uploads.DOCX, uploads.JPEG, uploads.PNG),
        required=False,
    )
    degree = UploadField(
        label=gettext_lazy("A copy of your degree certificate"),
        help_text=gettext_lazy("A scan or a photo: PDF, JPEG or PNG, smaller than 10 MB. You may send it later."),
        kinds=(uploads.PDF, uploads.JPEG, uploads.PNG),
        required=False,
    )
    notes = Text(
        label=gettext_lazy("Anything else that shows what you can do?"),
        help_text=gettext_lazy("Memberships, examinations, prizes, books you have translated."),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    conditional = ["cv", "degree_title", "institution", "institution_country", "graduated_in"]
    css = {"experience_years": "narrow", "graduated_in": "narrow"}

    UPLOADS = ("cv", "degree")

    def build(self) -> None:
        country = self.fields["institution_country"]
        country.choices = [("", _("Choose a country")), *catalogue.countries()]  # type: ignore[attr-defined]
        for kind in self.UPLOADS:
            if document := self.documents.get(kind):
                self.fields[kind].help_text = format_html(
                    _('We have <a href="{}">{}</a>. Choose a file only if you want to replace it. {}'),
                    reverse("vendors:document", kwargs={"pk": document.pk}),
                    document.name,
                    self.fields[kind].help_text,
                )
        if "degree" in self.documents:
            self.fields["remove_degree"] = forms.BooleanField(
                label=_("Remove the degree certificate you sent"), required=False
            )

    def clean_graduated_in(self) -> int | None:
        year = self.cleaned_data["graduated_in"]
        if year is not None and not 1930 <= year <= dt.datetime.now(tz=dt.UTC).year:
            raise ValidationError(_("Please write the year with four figures, as in 2012."), code="year")
        return year

    def clean_experience_years(self) -> Decimal:
        years = self.cleaned_data["experience_years"]
        if years > 80:
            raise ValidationError(_("Please write the number of years, as in 7 or 2.5."), code="years")
        return years

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if "yes" in (cleaned.get("translation_degree"), cleaned.get("other_degree")):
            self.require("degree_title", "institution")
        if "cv" in cleaned and not cleaned["cv"] and "cv" not in self.documents:
            self.add_error("cv", ValidationError(_("Please choose the file with your CV."), code="required"))
        return cleaned

    def new_files(self) -> dict[str, UploadedFile]:
        return {kind: self.cleaned_data[kind] for kind in self.UPLOADS if self.cleaned_data.get(kind)}

    def files_to_remove(self) -> list[str]:
        wants = self.cleaned_data.get("remove_degree") and not self.cleaned_data.get("degree")
        return ["degree"] if wants and "degree" in self.documents else []

    def typed(self, *, another_row: bool = False) -> Typed:
        """The tick for removing a file is an order, not an answer."""
        typed = super().typed()
        typed.pop(self.add_prefix("remove_degree"), None)
        return typed

    def answer(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        months = int(cleaned["experience_years"] * 12)
        has_degree = "yes" in (cleaned["translation_degree"], cleaned["other_degree"])
        return {
            "route": iso_17100.route(
                translation_degree=cleaned["translation_degree"] == "yes",
                other_degree=cleaned["other_degree"] == "yes",
                experience_months=months,
            ).value,
            "experience_months": months,
            "degree_title": cleaned["degree_title"] if has_degree else "",
            "institution": cleaned["institution"] if has_degree else "",
            "institution_country": cleaned["institution_country"] if has_degree else "",
            "graduated_in": cleaned["graduated_in"] if has_degree else None,
            "notes": cleaned["notes"],
            "documents": {
                kind: {"id": str(document.pk), "name": document.name}
                for kind, document in self.documents.items()
                if kind in self.UPLOADS
            },
        }


class PaymentStepForm(StepForm, payment.PaymentForm):
    LATER = "later"
    conditional = [*payment.PaymentForm.base_fields]
    css = {"bic": "narrow", "bank_code": "narrow"}

    def build(self) -> None:
        self.fields["method"].choices = [  # type: ignore[attr-defined]
            *payment.METHODS,
            (self.LATER, _("I will do this later")),
        ]

    def answer(self) -> dict[str, Any]:
        return self.details()


class AgreementsForm(StepForm):
    def build(self) -> None:
        for agreement in agreements.current():
            if agreement.document == "privacy":
                label = _("I have read the privacy notice")
            else:
                label = _("I accept: %(title)s") % {"title": agreement.title}
            missing = _("Please read and tick: %(title)s") % {"title": agreement.title}
            self.fields[agreement.document] = forms.BooleanField(label=label, error_messages={"required": missing})
            self.fields[f"{agreement.document}-text"] = forms.CharField(widget=forms.HiddenInput, required=False)

    @property
    def texts(self) -> list[dict[str, Any]]:
        """The hash goes with the text shown now, not with the one that came back from an older page."""
        return [
            {
                "agreement": agreement,
                "tick": self[agreement.document],
                "hash_name": self.add_prefix(f"{agreement.document}-text"),
            }
            for agreement in agreements.current()
        ]

    def clean(self) -> dict[str, Any]:
        for agreement in agreements.current():
            shown = self.cleaned_data.get(f"{agreement.document}-text")
            if self.cleaned_data.get(agreement.document) and shown != agreement.sha256:
                self.add_error(
                    agreement.document,
                    ValidationError(
                        _("The text of “%(title)s” has changed. Please read it again and tick it.")
                        % {"title": agreement.title},
                        code="text_changed",
                    ),
                )
        return self.cleaned_data

    def answer(self) -> dict[str, Any]:
        return {
            "accepted": [
                {
                    "document": agreement.document,
                    "version": agreement.version,
                    "language": agreement.language,
                    "sha256": agreement.sha256,
                }
                for agreement in agreements.current()
            ]
        }


class CheckForm(StepForm):
    declared = forms.BooleanField(
        label=gettext_lazy("What I have written here is true and complete."),
        error_messages={"required": gettext_lazy("Please confirm that what you have written is true and complete.")},
    )
