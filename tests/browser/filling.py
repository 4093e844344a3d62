"""What a vendor fills into the pages of the wizard, by the labels that they see."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.onboarding.answers import PDF

Fill = Callable[[Page], None]


def about(page: Page) -> None:
    page.get_by_label("As a freelancer, under my own name").check()
    page.get_by_label("How should our mails greet you?").fill("Łucja")


def contact(page: Page) -> None:
    page.get_by_label("Telephone number").fill("22 123 45 67")
    page.get_by_label("Street address").fill("ul. Prosta 1")
    page.get_by_label("Postal code").fill("00-001")
    page.get_by_label("Town or city").fill("Warszawa")
    page.get_by_label("Country").select_option(label="Poland")


def languages(page: Page) -> None:
    page.get_by_label("Your native language").fill("Polish")
    page.get_by_label("From").first.fill("German")
    page.get_by_label("Into").first.fill("Polish")
    page.get_by_role("button", name="Add another pair").click()
    page.get_by_label("From").nth(1).fill("English (United Kingdom)")
    page.get_by_label("Into").nth(1).fill("Polish")


def services(page: Page) -> None:
    everywhere = page.get_by_role("group", name="What do you offer in all your language pairs?")
    everywhere.get_by_label("Translation", exact=True).check()
    page.get_by_text("German → Polish").first.click()
    page.get_by_role("group", name="German → Polish").get_by_label("Subtitling").check()
    page.get_by_label("Law and contracts").check()
    page.get_by_label("memoQ").check()


def rates(page: Page) -> None:
    translation = page.get_by_role("group", name="Translation")
    translation.get_by_label("Your rate").fill("0,085")
    translation.get_by_text("Another rate in some pairs?").click()
    translation.get_by_role("textbox", name="English (United Kingdom) → Polish").fill("0.09")
    page.get_by_role("group", name="Subtitling").get_by_label("Your rate").fill("7.5")


def qualifications(folder: Path) -> Fill:
    cv = folder / "My CV.pdf"
    cv.write_bytes(PDF)

    def fill(page: Page) -> None:
        page.get_by_role("group", name="Do you have a degree in translation").get_by_label("No").check()
        page.get_by_role("group", name="Do you have a degree in another").get_by_label("No").check()
        page.get_by_role("group", name="Have you worked as a translator").get_by_label("Yes").check()
        page.get_by_label("From").fill("2012")
        page.get_by_label("Your CV").set_input_files(cv)

    return fill


def tax(page: Page) -> None:
    page.get_by_label("Yes, I have a VAT number").check()
    page.get_by_label("VAT number", exact=True).fill("526-000-12-46")


def payment(page: Page) -> None:
    page.get_by_label("Bank account with an IBAN").check()
    page.get_by_label("Name of the account holder").fill("Łucja Nowak")
    page.get_by_role("group", name="Is the account yours").get_by_label("Yes").check()
    page.get_by_role("textbox", name="IBAN").fill("PL61 1090 1014 0000 0712 1981 2874")


def agreements(page: Page) -> None:
    page.get_by_text("Read: Confidentiality agreement").click()
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
    page.get_by_label("We are a company with several translators").check()
    page.get_by_label("Your full name").fill("Erika Beispiel")
    page.get_by_label("Name of the company").fill("Beispiel Übersetzungen GmbH")


def contact_in_germany(page: Page) -> None:
    page.get_by_label("Telephone number").fill("030 901820")
    page.get_by_label("Street address").fill("Beispielstraße 1")
    page.get_by_label("Postal code").fill("10115")
    page.get_by_label("Town or city").fill("Berlin")
    page.get_by_label("Country").select_option(label="Germany")


def tax_of_an_agency(page: Page) -> None:
    page.get_by_label("Registration number of the company (Handelsregisternummer)").fill("HRB 12345 B")
    page.get_by_label("Yes, I have a VAT number").check()
    page.get_by_label("VAT number", exact=True).fill("DE 136,695 976")


def payment_of_an_agency(page: Page) -> None:
    payment(page)
    page.get_by_label("Name of the account holder").fill("Beispiel Übersetzungen GmbH")
    page.get_by_role("textbox", name="IBAN").fill("DE89 3704 0044 0532 0130 00")


AGENCY = {
    "about": about_an_agency,
    "contact": contact_in_germany,
    "tax": tax_of_an_agency,
    "payment": payment_of_an_agency,
}

# A freelancer in the United States, where there are states but neither VAT nor IBAN


def contact_in_the_us(page: Page) -> None:
    page.get_by_label("Telephone number").fill("(212) 555-0100")
    page.get_by_label("Street address").fill("1 Example Avenue")
    page.get_by_label("Postal code").fill("10001")
    page.get_by_label("Town or city").fill("New York")
    page.get_by_label("State, province or region").fill("new york")
    page.get_by_label("Country").select_option(label="United States")
    page.get_by_label("Time zone").select_option("America/New_York")


def tax_in_the_us(page: Page) -> None:
    expect(page.get_by_label("No, my country or my work has no VAT")).to_be_checked()
    expect(page.get_by_label("VAT number", exact=True)).to_be_hidden()
    expect(page.get_by_text("W-9 if you are a US person")).to_be_visible()


def payment_in_the_us(page: Page) -> None:
    page.get_by_label("Bank account with an account number and a bank code").check()
    expect(page.get_by_role("textbox", name="IBAN")).to_be_hidden()
    page.get_by_label("Name of the account holder").fill("Uma Example")
    page.get_by_role("group", name="Is the account yours").get_by_label("Yes").check()
    page.get_by_label("Country of the bank").select_option(label="United States")
    page.get_by_role("textbox", name="Account number").fill("1234-5678-90")
    page.get_by_role("textbox", name="Bank code").fill("0210 0002 1")


IN_THE_US = {"contact": contact_in_the_us, "tax": tax_in_the_us, "payment": payment_in_the_us}
