"""Notes about a vendor: VM writes them, their author changes them, the Auditor reads them."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils.html import escape

from identity.roles import ADMINISTRATOR, AUDITOR, FINANCE, OPERATIONS
from tests.clients import signed_in
from tests.factories import create_staff, create_vendor
from vendors import lifecycle
from vendors.models import Note, VendorState
from vendors.notes import lifecycle as notes
from vendors.privacy import erasure, export

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore:No directory at")]

TEXT = "Prefers to be called.\n<b>Not</b> before noon."


@pytest.fixture
def vendor():
    return create_vendor(state=VendorState.APPROVED)


def page(vendor):
    return reverse("admin:vendors_vendor_change", args=[vendor.pk])


def add(client, vendor, text=TEXT, **more):
    return client.post(reverse("admin:vendors_vendor_notes", args=[vendor.pk]), {"text": text, **more}, follow=True)


def change(client, note, button, *, text="", version=None):
    url = reverse("admin:vendors_vendor_note", args=[note.vendor_id, note.pk])
    typed = {button: "1", "version": note.version if version is None else version, "text": text}
    return client.post(url, typed, follow=True)


def test_written_pinned_and_read(as_vera, vera, vendor):
    before = as_vera.get(page(vendor)).text
    assert "The vendor may ask to read this." in before

    answer = add(as_vera, vendor, is_pinned="on")

    note = Note.objects.get()
    assert (note.by, note.text, note.is_pinned) == (vera, TEXT, True)
    assert answer.redirect_chain == [(page(vendor), 302)]
    assert "Prefers to be called.<br>&lt;b&gt;Not&lt;/b&gt; before noon." in answer.text
    assert "vera.vm@sandberg.example" in answer.text


@pytest.mark.parametrize(
    ("text", "said"), [(" \n ", "Write the note first."), ("x" * 2001, "2000 characters or fewer")]
)
def test_note_that_cannot_be_kept_is_handed_back(as_vera, vendor, text, said):
    answer = add(as_vera, vendor, text, is_pinned="on")

    assert said in answer.text
    assert escape(text.strip()) in answer.text
    assert 'name="is_pinned" checked' in answer.text or answer.context["form"]["is_pinned"].value()
    assert not Note.objects.exists()


def test_author_corrects_it_and_what_it_said_is_kept(as_vera, vera, vendor):
    note = notes.add(vendor, text="Call before noon.", by=vera)

    change(as_vera, note, "_save", text="Call after noon.")

    note.refresh_from_db()
    assert (note.text, note.edited_at is not None, note.version) == ("Call after noon.", True, 2)
    assert list(note.history.order_by("pgh_id").values_list("text", flat=True)) == [
        "Call before noon.",
        "Call after noon.",
    ]


def test_author_strikes_it_out_once_and_it_stays_readable(as_vera, vera, vendor):
    note = notes.add(vendor, text="Always late.", by=vera, is_pinned=True)

    change(as_vera, note, "_strike")
    note.refresh_from_db()
    assert (note.is_struck, note.is_pinned, note.text) == (True, False, "Always late.")
    assert "<s>Always late.</s>" in as_vera.get(page(vendor)).text

    for button in ("_save", "_strike", "_pin"):
        assert "has changed since" in change(as_vera, note, button, text="Never late.").text
    note.refresh_from_db()
    assert (note.text, note.is_pinned) == ("Always late.", False)


def test_nobody_overwrites_what_they_have_not_read(as_vera, vera, vendor):
    note = notes.add(vendor, text="One", by=vera)
    notes.edit(note, text="Two", version=1, by=vera)

    answer = change(as_vera, note, "_save", text="Three", version=1)

    note.refresh_from_db()
    assert note.text == "Two"
    assert "has changed since you opened it" in answer.text
    assert "Two" in answer.text
    assert ">\nThree</textarea>" in answer.text
    change(as_vera, note, "_save", text="Three")
    note.refresh_from_db()
    assert note.text == "Three"


@pytest.mark.parametrize("button", ["_save", "_strike"])
def test_colleague_changes_nothing_of_it(as_vera, vendor, button):
    note = notes.add(vendor, text="Mine", by=create_staff(email="otto@sandberg.example"))

    answer = change(as_vera, note, button, text="Yours")

    note.refresh_from_db()
    assert (note.text, note.is_struck) == ("Mine", False)
    assert "Only <bdi" in answer.text
    assert "<textarea" not in answer.text


def test_colleague_pins_and_unpins_it(as_vera, vendor):
    note = notes.add(vendor, text="Mine", by=create_staff())

    change(as_vera, note, "_pin")
    note.refresh_from_db()
    assert note.is_pinned
    change(as_vera, note, "_unpin")
    note.refresh_from_db()
    assert not note.is_pinned


def test_note_is_found_under_its_vendor_only(as_vera, vera, vendor):
    note = notes.add(create_vendor(), text="Another's", by=vera)

    assert as_vera.get(reverse("admin:vendors_vendor_note", args=[vendor.pk, note.pk])).status_code == 404


@pytest.mark.parametrize(
    ("role", "reads", "writes"),
    [(ADMINISTRATOR, True, True), (AUDITOR, True, False), (FINANCE, False, False), (OPERATIONS, False, False)],
)
def test_roles(vera, vendor, role, reads, writes):
    note = notes.add(vendor, text="Prefers email", by=vera, is_pinned=True)
    client = signed_in(create_staff(role=role))

    assert ("Prefers email" in client.get(page(vendor)).text) == reads
    assert ('name="text"' in client.get(page(vendor)).text) == writes
    assert add(client, vendor).status_code == (200 if writes else 403)
    assert change(client, note, "_pin").status_code == (200 if writes else 403)


def test_exported_and_erased_with_its_history(vera, vendor):
    note = notes.add(vendor, text="Secret sauce", by=vera)
    notes.edit(note, text="Secret source", version=1, by=vera)

    document = export.export(vendor)
    [row] = document["notes"]
    assert (row["text"], row["by"]) == ("Secret source", "staff")
    assert "Secret sauce" in str(document["history"])

    lifecycle.erase(vendor, reason="asked for it")
    erasure.finish(vendor)
    assert not Note.objects.exists()
    assert not Note.history.rel.related_model.objects.exists()
    with pytest.raises(notes.Erased):
        notes.add(vendor, text="More", by=vera)
