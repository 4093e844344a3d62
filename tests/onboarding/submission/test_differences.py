import pytest

from onboarding.submission.differences import changed_steps, compare
from tests.onboarding import changing

SECRET = "109010140000071219812874"


@pytest.fixture
def before(vendor):
    return changing.sent_first(vendor).answers


def section(compared, step):
    return next(each for each in compared if each.step == step)


def read(differences):
    """label: (before, now), with a star at each line that is not in the other version."""
    return {
        each.label: tuple(
            [f"{line.text}{'*' * line.is_changed}" for line in lines] for lines in (each.before, each.now)
        )
        for each in differences
    }


def test_only_the_rows_that_differ_are_shown_with_the_lines_that_differ(before):
    rates = [{**rate, "amount": "0.05"} if rate["service"] == "revision" else rate for rate in before["rates"]["rates"]]
    now = before | {"rates": before["rates"] | {"rates": rates}}

    assert changed_steps(before, now) == ["rates"]
    compared = compare(before, now, changed=["rates"])
    assert [each.step for each in compared if each.is_changed] == ["rates"]
    assert read(section(compared, "rates").differences) == {
        "German → Polish": (
            [
                "Translation: EUR 0.085 per source word",
                "Revision by a second person (bilingual): EUR 0.04 per source word*",
            ],
            [
                "Translation: EUR 0.085 per source word",
                "Revision by a second person (bilingual): EUR 0.05 per source word*",
            ],
        )
    }
    assert section(compared, "about").differences == []


def test_row_that_came_and_row_that_went(before):
    now = before | {"about": before["about"] | {"kind": "company", "company_legal_name": "Nowak sp. z o.o."}}

    came = read(section(compare(before, now, changed=["about"]), "about").differences)
    went = read(section(compare(now, before, changed=["about"]), "about").differences)

    assert came["Company"] == ([], ["Nowak sp. z o.o.*"])
    assert went["Company"] == (["Nowak sp. z o.o.*"], [])


def test_another_order_of_what_was_ticked_reads_the_same(before):
    now = before | {"services": before["services"] | {"specialisms": ["finance", "legal"]}}

    assert read(section(compare(before, now, changed=["services"]), "services").differences) == {}


def test_another_file_of_the_same_name_is_a_difference(before):
    documents = {"cv": {**before["qualifications"]["documents"]["cv"], "id": "11111111-1111-4111-8111-111111111111"}}
    now = before | {"qualifications": before["qualifications"] | {"documents": documents}}

    [difference] = section(compare(before, now, changed=["qualifications"]), "qualifications").differences

    assert [line.text for line in difference.now] == ["My CV.pdf (a different file)"]
    assert difference.document == documents["cv"]["id"] != difference.document_before


def test_of_the_account_is_said_that_it_changed_and_nothing_else(before):
    now = before | {"payment": before["payment"] | {"iban": "DE89370400440532013000", "holder": "Somebody Else"}}

    payment = section(compare(before, now, changed=changed_steps(before, now)), "payment")

    assert (payment.is_changed, payment.is_masked, payment.differences) == (True, True, [])


def test_section_that_was_not_asked_before_is_compared_too(before):
    earlier = {step: answer for step, answer in before.items() if step != "rates"}

    assert changed_steps(earlier, before) == ["rates"]
    assert read(section(compare(earlier, before, changed=["rates"]), "rates").differences)["Minimum fee"] == (
        [],
        ["EUR 25.00*"],
    )
    went = section(compare(before, earlier, changed=["rates"]), "rates")
    assert all(not difference.now for difference in went.differences)
