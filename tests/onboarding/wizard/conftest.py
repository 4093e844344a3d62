import pytest

from onboarding.models import Submission
from tests.onboarding import answers


@pytest.fixture
def sent(as_vendor):
    answers.fill_in(as_vendor)
    answers.send(as_vendor)
    return Submission.objects.get()
