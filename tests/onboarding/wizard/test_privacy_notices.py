import pytest

from onboarding.draft.steps import QUESTIONS, make_form
from onboarding.wizard import privacy_notices
from tests.onboarding import answers
from tests.onboarding.forms.test_forms import read_again
from vendors.models import Document, Vendor

# As many questions as can be asked: two pairs, a certificate on file.
EVERYTHING = {
    "languages": answers.LANGUAGES | {"pairs": "2", "pairs-1-source": "French", "pairs-1-target": "Polish"},
    "tax": answers.TAX | {"registration_number": "0000123456"},
}
LIST = {"linguist-0-pairs": ["de.pl"], "linguist-1-pairs": ["fr.pl"]}


@pytest.mark.parametrize("works_as", ["company", "freelancer_via_company"])
@pytest.mark.parametrize("step", QUESTIONS, ids=lambda step: step.name)
@pytest.mark.django_db
def test_each_question_says_why_it_is_asked_who_sees_it_and_how_long_it_is_kept(step, works_as):
    if works_as not in step.asked_of:
        return
    about = {"about": answers.ABOUT | {"kind": works_as, "company_legal_name": "Nowak i Syn"}}
    typed = answers.usual(about) | EVERYTHING | about
    typed.get("qualifications", {}).pop("cv", None)
    if "certificates" in typed:
        typed["certificates"] = answers.CERTIFICATES | LIST
    earlier, _again = read_again(typed)
    files = {kind: Document(kind=kind, name=f"{kind}.pdf") for kind in ("cv", "degree")}
    form = make_form(step, None, vendor=Vendor(name="Łucja"), earlier=earlier, documents=files)

    asked = {form.question(name) for name in form.fields if name != "opened"}

    told = privacy_notices.of_page(step.name, form)
    assert set().union(*(fact.questions for fact in told)) >= asked
    assert all(fact.questions & asked for fact in told)
    assert all(str(text) for fact in told for text in (fact.about, fact.why, fact.who, fact.how_long))


def test_facts_are_on_the_page_with_a_link_to_the_rest(as_vendor):
    page = as_vendor.get(answers.url("payment")).text

    assert "Why we ask, who sees it and how long we keep it" in page
    assert "we record each time someone sees" in page
    assert 'href="/help/your-data/#passport"' in page
    assert 'id="passport"' in as_vendor.get("/help/your-data/").text
