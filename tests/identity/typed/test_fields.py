import pytest
from django.core.exceptions import ValidationError

from identity.typed.fields import Address


@pytest.mark.parametrize("typed", ["ana", "a b@mail.example", '"a b"@mail.example', "ana@mail", "a/b@mail.example"])
def test_what_is_no_address_is_said_once(typed):
    with pytest.raises(ValidationError) as refused:
        Address().clean(typed)

    assert refused.value.messages == ["Enter an email address, like ana@example.com."]
