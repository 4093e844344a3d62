"""After VM has asked for changes: from one marked page to the next, and then to the check page."""

from onboarding.review import decide as review
from onboarding.submission import section_reviews
from tests.onboarding import answers, changing

PL_PHONE = answers.CONTACT | {"phone": "22 999 88 77"}


def asked_for(vendor, **reasons):
    sent = changing.sent_first(vendor)
    changing.mark(sent, **reasons)
    review.request_changes(sent, by=None)


def test_marked_page_leads_to_the_next_marked_page_and_then_to_the_check_page(vendor, as_vendor):
    asked_for(vendor, contact="Is that your number?", rates="Look.", tax="Look.")

    assert answers.save(as_vendor, "contact", PL_PHONE).url == answers.url("rates")
    assert answers.save(as_vendor, "rates", answers.RATES).url == answers.url("tax")
    assert answers.save(as_vendor, "tax", answers.TAX).url == answers.url("check")


def test_marked_pages_before_the_first_that_was_changed_come_last(vendor, as_vendor):
    asked_for(vendor, contact="Is that your number?", rates="Look.")

    assert answers.save(as_vendor, "rates", answers.RATES).url == answers.url("contact")
    assert answers.save(as_vendor, "contact", PL_PHONE).url == answers.url("check")


def test_page_with_a_reply_is_no_stop_on_the_way(vendor, as_vendor):
    asked_for(vendor, contact="Is that your number?", rates="Look.")
    as_vendor.post("/onboarding/rates/reply/", {"reply": "It stays."})

    assert answers.save(as_vendor, "contact", PL_PHONE).url == answers.url("check")


def test_page_that_was_accepted_is_a_stop_only_when_a_change_leaves_a_gap_in_it(vendor, as_vendor):
    asked_for(vendor, services="Do you subtitle too?")
    more = answers.SERVICES | {"everywhere": ["translation", "revision", "subtitling"]}

    assert answers.save(as_vendor, "services", more).url == answers.url("rates")
    priced = answers.RATES | {"usual-subtitling": "8", "unit-subtitling": "minute"}
    assert answers.save(as_vendor, "rates", priced).url == answers.url("check")


def test_page_that_was_not_asked_for_leads_to_what_was(vendor, as_vendor):
    asked_for(vendor, rates="Look.")

    assert answers.save(as_vendor, "about", answers.ABOUT).url == answers.url("rates")


def test_change_after_approval_leads_on_in_the_same_way(vendor, as_vendor):
    changing.approved_first(vendor)
    changing.save(as_vendor, "contact", PL_PHONE)
    changing.save(as_vendor, "rates", answers.RATES | {"usual-revision": "0.05"})
    changing.send(as_vendor)
    changing.ask_for_changes(changing.latest(), contact="Is that your number?", rates="Look.")

    assert changing.save(as_vendor, "contact", answers.CONTACT).url == changing.url("rates")
    assert changing.save(as_vendor, "rates", answers.RATES | {"usual-revision": "0.05"}).url == changing.INDEX


def test_saving_takes_no_more_statements_however_many_pages_are_marked(vendor, as_vendor, django_assert_num_queries):
    asked_for(vendor, **dict.fromkeys(section_reviews.ORDER[:5], "Look."))
    body = answers.body("contact", PL_PHONE, revision=answers.revision_shown(as_vendor.get(answers.url("contact"))))

    with django_assert_num_queries(12):
        as_vendor.post(answers.url("contact"), body)
