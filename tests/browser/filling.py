"""What a vendor fills into the pages of the wizard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.finding import button, question, unfold, write
from tests.onboarding.answers import PDF

Fill = Callable[[Page], None]


def about(page: Page) -> None:
    question(page, "about-kind", "freelancer").check()
    write(page, about__display_name="Łucja")


def contact(page: Page) -> None:
    write(page, contact__phone="22 123 45 67", contact__address_lines="ul. Prosta 1")
    write(page, contact__postal_code="00-001", contact__locality="Warszawa")
    question(page, "contact-country").select_option("PL")


def languages(page: Page) -> None:
    write(page, languages__native_1="Polish")
    question(page, "languages-pairs-0-source").fill("German")
    question(page, "languages-pairs-0-target").fill("Polish")
    button(page, name="another").click()
    question(page, "languages-pairs-1-source").fill("English (United Kingdom)")
    question(page, "languages-pairs-1-target").fill("Polish")


def services(page: Page) -> None:
    question(page, "services-everywhere", "translation").check()
    unfold(page, "services-only-de.pl")
    question(page, "services-only-de.pl", "subtitling").check()
    question(page, "services-specialisms", "legal").check()
    unfold(page, "services-cat_tools")
    question(page, "services-cat_tools", "memoq").check()


def rates(page: Page) -> None:
    question(page, "rates-usual-translation").fill("0,085")
    unfold(page, "rates-own-amount-translation-en-GB.pl")
    question(page, "rates-own-amount-translation-en-GB.pl").fill("0.09")
    question(page, "rates-usual-subtitling").fill("7.5")


def qualifications(folder: Path) -> Fill:
    cv = folder / "My CV.pdf"
    cv.write_bytes(PDF)

    def fill(page: Page) -> None:
        question(page, "qualifications-translation_degree", "no").check()
        question(page, "qualifications-other_degree", "no").check()
        question(page, "qualifications-has_worked", "yes").check()
        question(page, "qualifications-work-0-since").fill("2012")
        question(page, "qualifications-cv").set_input_files(cv)

    return fill


def tax(page: Page) -> None:
    question(page, "tax-vat_status", "registered").check()
    write(page, tax__vat_number="526-000-12-46")


def payment(page: Page) -> None:
    question(page, "payment-method", "iban").check()
    write(page, payment__holder="Łucja Nowak", payment__iban="PL61 1090 1014 0000 0712 1981 2874")
    question(page, "payment-holder_is_vendor", "yes").check()


def agreements(page: Page) -> None:
    page.locator("section.card summary").first.click()
    for box in page.get_by_role("checkbox").all():
        box.check()


def steps(folder: Path, **changed: Fill) -> dict[str, Fill]:
    """A Polish freelancer, or somebody whose pages `changed` fills in otherwise."""
    return {
        "about": about,
        "contact": contact,
        "languages": languages,
        "services": services,
        "rates": rates,
        "qualifications": qualifications(folder),
        "tax": tax,
        "payment": payment,
        "agreements": agreements,
    } | changed


# An agency in Germany


def about_an_agency(page: Page) -> None:
    question(page, "about-kind", "company").check()
    write(page, about__full_name="Erika Beispiel", about__company_legal_name="Beispiel Übersetzungen GmbH")


def contact_in_germany(page: Page) -> None:
    write(page, contact__phone="030 901820", contact__address_lines="Beispielstraße 1")
    write(page, contact__postal_code="10115", contact__locality="Berlin")
    question(page, "contact-country").select_option("DE")


def languages_of_an_agency(page: Page) -> None:
    expect(question(page, "languages-native_1")).to_have_count(0)
    question(page, "languages-pairs-0-source").fill("German")
    question(page, "languages-pairs-0-target").fill("Polish")
    button(page, name="another").click()
    question(page, "languages-pairs-1-source").fill("English (United Kingdom)")
    question(page, "languages-pairs-1-target").fill("Polish")


def team(page: Page) -> None:
    write(page, team__linguists_in_house="4", team__linguists_freelance="60")
    question(page, "team-in_house_pairs", "de.pl").check()
    question(page, "team-selection", "qualifications").check()
    question(page, "team-revision", "always").check()


def certificates(folder: Path) -> Fill:
    """An insurance, and for ISO 17100 the undertaking with a line for each of the two pairs."""
    policy = folder / "Policy.pdf"
    policy.write_bytes(PDF)

    def fill(page: Page) -> None:
        expect(question(page, "certificates-insurance-number")).to_be_hidden()
        question(page, "certificates-holds", "insurance").check()
        write(page, certificates__insurance__number="P 1", certificates__insurance__issued_by="Example Insurance plc")
        write(page, certificates__insurance__scope="Errors, EUR 1,000,000")
        write(page, certificates__insurance__expires_on="31 March 2099")
        question(page, "certificates-insurance").set_input_files(policy)
        expect(question(page, "certificates-linguist-0-initials")).to_be_hidden()
        question(page, "certificates-undertakes", "yes").check()
        write(page, certificates__linguist__0__initials="A. B., C. D.")
        question(page, "certificates-linguist-0-pairs", "de.pl").check()
        question(page, "certificates-linguist-0-route").select_option("translation_degree")
        button(page, name="another").click()
        write(page, certificates__linguist__1__initials="E. F.")
        question(page, "certificates-linguist-1-pairs", "en-GB.pl").check()
        question(page, "certificates-linguist-1-route").select_option("experience")

    return fill


def agreements_of_an_agency(page: Page) -> None:
    agreements(page)
    expect(question(page, "agreements-signatory")).to_have_value("Erika Beispiel")
    write(page, agreements__position="Geschäftsführerin")


def tax_of_an_agency(page: Page) -> None:
    write(page, tax__registration_number="HRB 12345 B")
    question(page, "tax-vat_status", "registered").check()
    write(page, tax__vat_number="DE 136,695 976")


def payment_of_an_agency(page: Page) -> None:
    payment(page)
    write(page, payment__holder="Beispiel Übersetzungen GmbH", payment__iban="DE89 3704 0044 0532 0130 00")


def steps_of_an_agency(folder: Path) -> dict[str, Fill]:
    return {
        "about": about_an_agency,
        "contact": contact_in_germany,
        "languages": languages_of_an_agency,
        "services": services,
        "rates": rates,
        "team": team,
        "certificates": certificates(folder),
        "tax": tax_of_an_agency,
        "payment": payment_of_an_agency,
        "agreements": agreements_of_an_agency,
    }


# A freelancer in the United States, where there are states but neither VAT nor IBAN


def contact_in_the_us(page: Page) -> None:
    write(page, contact__phone="(212) 555-0100", contact__address_lines="1 Example Avenue")
    write(page, contact__postal_code="10001", contact__locality="New York", contact__region="new york")
    question(page, "contact-country").select_option("US")
    question(page, "contact-time_zone").select_option("America/New_York")


def tax_in_the_us(page: Page) -> None:
    expect(question(page, "tax-vat_status", "not_in_scope")).to_be_checked()
    expect(question(page, "tax-vat_number")).to_be_hidden()
    expect(page.get_by_text("W-9")).to_be_visible()


def payment_in_the_us(page: Page) -> None:
    question(page, "payment-method", "account").check()
    expect(question(page, "payment-iban")).to_be_hidden()
    write(page, payment__holder="Uma Example", payment__account_number="1234-5678-90", payment__bank_code="0210 0002 1")
    question(page, "payment-holder_is_vendor", "yes").check()
    question(page, "payment-bank_country").select_option("US")


IN_THE_US = {"contact": contact_in_the_us, "tax": tax_in_the_us, "payment": payment_in_the_us}
