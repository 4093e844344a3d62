"""The page behind “This was not me”: what the email was about, what has happened since, and one button.

Scanners of mail open every link, and some press what they find. So looking changes nothing, the button leads to a page
that asks once more, and only a person's press of the second one counts.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from identity.sessions import human_presses
from vendors.not_me.question import Question


def not_me_page(request: HttpRequest, question: Question | None, *, dispute: Callable[[], object]) -> HttpResponse:
    """`question` is None for a link that cannot be read; `dispute` is called when a person has pressed twice."""
    if question is None:
        return render(request, "vendors/not_me.html", {"is_unreadable": True}, status=404)
    is_asked_again = is_told = False
    if request.method == "POST" and not (question.is_over or question.is_told):
        is_told = "sure" in request.POST and human_presses.is_a_persons(request)
        is_asked_again = not is_told
        if is_told:
            dispute()
    return render(
        request,
        "vendors/not_me.html",
        {"question": question, "is_asked_again": is_asked_again, "is_told": is_told or question.is_told},
    )
