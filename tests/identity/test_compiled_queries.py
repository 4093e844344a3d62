"""Compiled look-ups find what their querysets find."""

from __future__ import annotations

from threading import Thread

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Lower
from django.db.transaction import TransactionManagementError
from django.utils import timezone

from identity.compiled_queries import Compiled, CompiledInsert, CompiledUpdate, Given
from identity.models import EntraAccount, SignInAttempt, User

TENANT = "3f6c1c5e-7a0b-4b57-9a52-0a4f6f0c8d11"

BY_ADDRESS = Compiled(
    lambda: User.objects.annotate(_email=Lower("email")).filter(_email=Given("email"), is_staff=False).order_by("pk")
)
HELD = Compiled(
    lambda: EntraAccount.objects.select_for_update(of=("self",)).select_related("user").filter(user=Given("user"))
)
NAMES = Compiled(
    lambda: (
        User.objects.filter(email=Given("one"))
        .order_by()
        .values_list("username")
        .union(User.objects.filter(email=Given("other")).order_by().values_list("username"))
    )
)


@pytest.fixture
def dora(db) -> User:
    return User.objects.create_user(email="Dora@mail.example")


def test_each_question_has_its_own_values(dora):
    ben = User.objects.create_user(email="ben@mail.example")
    assert BY_ADDRESS.first(email="dora@mail.example") == dora
    assert BY_ADDRESS.all(email="ben@mail.example") == [ben]
    assert BY_ADDRESS.first(email="%s' OR 1=1 --") is None


def test_rows_are_like_those_of_the_queryset(dora):
    found, plain = BY_ADDRESS.first(email="dora@mail.example"), User.objects.get(pk=dora.pk)
    assert {name: value for name, value in vars(found).items() if name not in ("_state", "_email")} == {
        name: value for name, value in vars(plain).items() if name != "_state"
    }
    assert not found._state.adding
    assert found._state.db == "default"


def test_related_rows_come_along(dora, django_assert_num_queries):
    EntraAccount.objects.create(tenant_id=TENANT, oid="5b2f52f0-0f0c-4bd0-8d5b-3f9a3a1d1c11", user=dora, guest=True)
    with django_assert_num_queries(1):
        assert HELD.first(user=dora.pk).user == dora
    assert HELD.first(user=0) is None


def test_values_of_a_union(dora):
    assert NAMES.values(one="Dora@mail.example", other="nobody@mail.example") == [(dora.username,)]


@pytest.mark.django_db(transaction=True)
def test_rows_are_held_in_transactions_only():
    with transaction.atomic():
        assert HELD.first(user=0) is None
    with pytest.raises(TransactionManagementError):
        HELD.first(user=0)


@pytest.mark.django_db(transaction=True)
def test_each_thread_asks_by_its_own_connection():
    dora = User.objects.create_user(email="dora@mail.example")
    BY_ADDRESS.first(email="dora@mail.example")
    found = []

    def ask() -> None:
        found.append(BY_ADDRESS.first(email="dora@mail.example"))
        connection.close()

    thread = Thread(target=ask)
    with transaction.atomic():  # theirs is not part of it
        User.objects.all().delete()
        thread.start()
        thread.join()
    assert found == [dora]


def test_update_of_the_rows_that_are_meant(dora):
    ben = User.objects.create_user(email="ben@mail.example")
    rename = CompiledUpdate(
        lambda: User.objects.filter(pk=Given("id"), roles=[]),
        email=Given("email"),
        roles=["Finance"],
    )
    assert rename(id=dora.pk, email="100 %s") == 1
    assert rename(id=dora.pk, email="again@mail.example") == 0
    dora.refresh_from_db()
    ben.refresh_from_db()
    assert (dora.email, dora.roles) == ("100 %s", ["Finance"])
    assert (ben.email, ben.roles) == ("ben@mail.example", [])


def test_inserted_row_is_what_save_would_have_made_of_it(dora, django_assert_num_queries):
    began = timezone.now()
    insert = CompiledInsert(SignInAttempt)
    for key in ("a", "b"):
        attempt = SignInAttempt(
            state_hash=key, transaction={"nonce": "100 %s"}, user=dora, address="Dora@mail.example", started_at=began
        )
        with django_assert_num_queries(1):
            insert(attempt)
        assert (attempt._state.adding, attempt._state.db) == (False, "default")
    SignInAttempt(
        state_hash="c", transaction={"nonce": "100 %s"}, user=dora, address="Dora@mail.example", started_at=began
    ).save(force_insert=True)

    rows = list(SignInAttempt.objects.order_by("state_hash").values())
    assert [row.pop("state_hash") for row in rows] == ["a", "b", "c"]
    assert rows[0] == rows[1] == rows[2]


@pytest.mark.django_db(transaction=True)
def test_row_is_not_inserted_over_another():
    began = timezone.now()
    insert = CompiledInsert(SignInAttempt)
    insert(SignInAttempt(state_hash="a", address="dora@mail.example", started_at=began))

    with pytest.raises(IntegrityError):
        insert(SignInAttempt(state_hash="a", address="ben@mail.example", started_at=began))
    assert SignInAttempt.objects.get().address == "dora@mail.example"
