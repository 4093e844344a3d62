"""Codes of the profile, and the accounts to sign in with, as words."""

from __future__ import annotations

from django import template

from identity.models import EntraAccount
from identity.text_direction import gettext as _
from vendors.agreements import texts as agreements
from vendors.answers import countries, dates, languages, money, phones, postal_addresses, service_catalogue
from vendors.models import Profile, Rate

register = template.Library()

register.filter("agreement", agreements.title)
register.filter("cat_tool", service_catalogue.cat_tool_name)
register.filter("country", countries.name)
register.filter("language", languages.name)
register.filter("month", dates.month_name)
register.filter("service", service_catalogue.service_name)
register.filter("specialism", service_catalogue.specialism_name)
register.filter("unit", service_catalogue.unit_name)
register.filter("working_day", service_catalogue.working_day_name)


@register.filter("money")
def rate_amount(rate: Rate) -> str:
    return money.display(rate.amount, rate.currency)


@register.filter
def phone(profile: Profile) -> str:
    return phones.shown(profile.phone, profile.phone_as_typed)


@register.filter
def postal_address(profile: Profile) -> str:
    return "\n".join(
        postal_addresses.lines(
            street=profile.address_lines,
            postal_code=profile.postal_code,
            town=profile.locality,
            region=profile.region,
            country=profile.country,
        )
    )


@register.filter
def account_address(account: EntraAccount) -> str:
    """With the address that Microsoft reports, where that is another one."""
    if account.signed_in_as in ("", account.address):
        return account.address
    return _("%(invited)s (Microsoft says %(address)s)") % {
        "invited": account.address,
        "address": account.signed_in_as,
    }


@register.filter
def minimum_fee(profile: Profile) -> str:
    return money.display(profile.minimum_fee, profile.currency) if profile.minimum_fee else ""
