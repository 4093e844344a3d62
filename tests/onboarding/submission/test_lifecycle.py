"""Every transition of a submission goes through Submission.MOVES."""

import pytest

from onboarding.models import Submission
from onboarding.submission import lifecycle as submissions
from tests.factories import create_submission

pytestmark = pytest.mark.django_db

# Of the onboarding none is replaced or withdrawn, so a change can be in every state.
CHANGE = Submission.Kind.CHANGE


@pytest.mark.parametrize("state", Submission.State)
@pytest.mark.parametrize("move", Submission.MOVES)
def test_what_is_no_move_from_a_state_is_refused(vendor, move, state):
    submission = create_submission(vendor=vendor, kind=CHANGE, state=state)
    target = Submission.MOVES[move].get(state)

    if target is None:
        with pytest.raises(submissions.NotWaiting):
            submissions.move(submission, move)
    else:
        submissions.move(submission, move)

    expected = target or state
    assert submission.state == expected
    assert Submission.objects.get().state == expected


def test_move_by_an_old_page_changes_nothing(vendor):
    submission = create_submission(vendor=vendor, kind=CHANGE)
    Submission.objects.update(state=Submission.State.REPLACED)

    with pytest.raises(submissions.NotWaiting, match="replaced"):
        submissions.close(submission, "approve", by=None)

    assert Submission.objects.get().state == Submission.State.REPLACED
    assert Submission.objects.get().reviewed_at is None
