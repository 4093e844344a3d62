"""VM imports a file: what is decided row by row, what becomes of each, and who else may be at it."""

import csv
import datetime as dt
import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from identity.models import Invitation
from identity.roles import AUDITOR, FINANCE, OPERATIONS
from tests.clients import signed_in
from tests.factories import create_staff, create_vendor
from tests.records import jobs
from vendors import lifecycle
from vendors.bulk_import import csv_rows, decisions, runs
from vendors.models import ImportRow, Vendor, VendorEvent, VendorImport
from vendors.tags import lifecycle as tags
from vendors.tasks import run_import

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore:No directory at")]

UPLOAD = "/admin/vendors/vendor/import/"
LINES = (
    "Ana,ana@mail.example",
    "Bo,bo",
    "Tim,sandbox-tim@gmial.com",
    "Cleo,cleo@mail.example",
    "=1+1,dora@mail.example",
    "MÜLLER Eva,eva@mail.example",
)


def upload(client, *lines: str, content: bytes | None = None, name: str = "vendors.csv"):
    text = "".join(f"{line}\n" for line in ("name,email", *lines)).encode()
    return client.post(UPLOAD, {"file": SimpleUploadedFile(name, text if content is None else content)}, follow=True)


def url(name: str, run: VendorImport) -> str:
    return reverse(f"admin:vendors_vendor_import_{name}", args=[run.pk])


@pytest.fixture
def uploaded(as_vera) -> VendorImport:
    create_vendor(name="Cleo", primary_email="cleo@mail.example")
    create_vendor(name="Eva Mueller", primary_email="mueller@mail.example")
    upload(as_vera, *LINES)
    return VendorImport.objects.get()


@pytest.fixture
def many(vera) -> VendorImport:
    text = "name,email\n" + "".join(f"N{number},n{number}@mail.example\n" for number in range(25))
    run = runs.prepare(SimpleUploadedFile("many.csv", text.encode()).file, name="many.csv", by=vera)
    runs.start(run, revision=0, by=vera)
    return run


def fresh(run: VendorImport) -> VendorImport:
    return VendorImport.objects.select_related("by").get(pk=run.pk)


def kinds(run: VendorImport) -> dict[str, str]:
    return dict(run.lines.order_by("line").values_list("address", "kind"))


def taken(run: VendorImport) -> set[str]:
    return set(run.lines.filter(is_taken=True).values_list("address", flat=True))


def fields_of(client, run: VendorImport, query: str = "") -> dict[str, str]:
    """What the browser would send from the page as it is shown."""
    page = client.get(url("look", run) + query).text
    form = page.partition('<form id="decide"')[2].partition("</form>")[0]
    fields = {}
    for tag in re.findall(r"<input[^>]*>", form):
        said = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        is_ticked = said.get("type") in ("checkbox", "radio")
        if is_ticked and " checked" not in tag:
            continue
        fields[said["name"]] = said.get("value", "on" if is_ticked else "")
    for name, options in re.findall(r'<select name="(\w+)".*?>(.*?)</select>', form, flags=re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        fields[name] = chosen[1] if chosen else ""
    fields.pop("csrfmiddlewaretoken", None)
    return fields


def at(run: VendorImport, address: str) -> int:
    return run.lines.get(address=address).pk


def decide(client, run: VendorImport, fields: dict[str, str], then: str = ":1"):
    return client.post(url("look", run), {**fields, "then": then}, follow=True)


def start(client, run: VendorImport):
    run.refresh_from_db()
    return client.post(url("start", run), {"revision": run.revision}, follow=True)


# The upload


def test_list_leads_to_the_import(as_vera):
    assert f'href="{UPLOAD}"' in as_vera.get("/admin/vendors/vendor/").text


def test_upload_says_what_would_happen_and_changes_nothing(as_vera, uploaded):
    page = as_vera.get(url("look", uploaded)).text

    for said in (
        "Enter an email address",
        "Did you mean",
        "Already the primary email of Cleo",
        "with a different address",
    ):
        assert said in page
    assert kinds(uploaded) == {
        "ana@mail.example": "added",
        "bo": "refused",
        "sandbox-tim@gmial.com": "doubtful",
        "cleo@mail.example": "known",
        "dora@mail.example": "added",
        "eva@mail.example": "possible",
    }
    assert Vendor.objects.count() == 2
    assert not jobs("vendors.tasks.run_import")


def test_names_are_shown_and_people_known_are_linked(as_vera, uploaded):
    page = as_vera.get(url("look", uploaded)).text

    assert 'value="MÜLLER Eva"' in page
    for vendor in Vendor.objects.all():
        assert f'<a href="/admin/vendors/vendor/{vendor.pk}/change/">' in page


def test_doubtful_and_possibly_known_rows_are_off_until_ticked(as_vera, uploaded):
    assert taken(uploaded) == {"ana@mail.example", "dora@mail.example"}

    fields = fields_of(as_vera, uploaded)
    for address in ("sandbox-tim@gmial.com", "eva@mail.example"):
        fields[f"take-{at(uploaded, address)}"] = "on"
    del fields[f"take-{at(uploaded, 'ana@mail.example')}"]
    decide(as_vera, uploaded, fields)

    assert taken(uploaded) == {"sandbox-tim@gmial.com", "eva@mail.example", "dora@mail.example"}


def test_uploaded_cells_are_kept_encrypted_until_they_are_not_needed(as_vera, uploaded, media_root):
    with connection.cursor() as cursor:
        cursor.execute("SELECT cells FROM vendors_importrow")
        stored = b"".join(bytes(cells) for (cells,) in cursor.fetchall())

    assert b"dora" not in stored
    assert not media_root.exists()
    assert "dora" not in str(dict(as_vera.session))
    start(as_vera, uploaded)
    run_import(uploaded.pk)
    assert set(ImportRow.objects.exclude(cells=None).values_list("kind", flat=True)) == {"refused"}


# Correcting


def test_corrected_in_place_a_row_is_judged_anew(as_vera, uploaded):
    fields = fields_of(as_vera, uploaded)
    for old, new in [
        ("bo", "bo@mail.example"),  # refused → new
        ("sandbox-tim@gmial.com", "sandbox-tim@gmail.com"),  # doubtful → new
        ("cleo@mail.example", "cleo@yaho.com"),  # known → doubtful
        ("dora@mail.example", "not an address"),  # new → refused
    ]:
        fields[f"address-{at(uploaded, old)}"] = new
    fields[f"name-{at(uploaded, 'eva@mail.example')}"] = "Eva Maria Müller"
    page = decide(as_vera, uploaded, fields).text

    assert kinds(uploaded) == {
        "ana@mail.example": "added",
        "bo@mail.example": "added",
        "sandbox-tim@gmail.com": "added",
        "cleo@yaho.com": "doubtful",
        "not an address": "refused",
        "eva@mail.example": "added",
    }
    assert taken(uploaded) == {
        "ana@mail.example",
        "bo@mail.example",
        "sandbox-tim@gmail.com",
        "eva@mail.example",
    }, "what has a new doubt is off until it is ticked"
    assert 'value="not an address"' in page, "nothing typed is lost"


def test_address_of_another_row_is_refused_and_freed_again(as_vera, uploaded):
    fields = fields_of(as_vera, uploaded)
    fields[f"address-{at(uploaded, 'bo')}"] = "ANA@mail.example"
    decide(as_vera, uploaded, fields)
    row = uploaded.lines.get(name="Bo")
    assert (row.kind, row.sentence) == ("refused", "The same address as on line 2.")

    fields = fields_of(as_vera, uploaded)
    fields[f"address-{at(uploaded, 'ana@mail.example')}"] = "ana@home.example"
    decide(as_vera, uploaded, fields)
    row.refresh_from_db()
    assert (row.kind, row.is_taken) == ("added", True)


def test_row_with_too_many_cells_can_be_put_right(as_vera):
    upload(as_vera, "Almeida, Ana,ana@mail.example")
    run = VendorImport.objects.get()
    row = run.lines.get()
    fields = fields_of(as_vera, run) | {f"name-{row.pk}": "Ana Almeida", f"address-{row.pk}": "ana@mail.example"}
    decide(as_vera, run, fields)

    assert run.lines.get().sentence == ""
    assert taken(run) == {"ana@mail.example"}


# For the whole file


def test_owner_and_language_of_the_whole_file_and_add_only(as_vera, vera):
    lines = ("Ana,ana@mail.example,de", "Bo,bo@mail.example,tlh")
    upload(as_vera, content=("name,email,language\n" + "\n".join(lines)).encode())
    run = VendorImport.objects.get()
    assert kinds(run)["bo@mail.example"] == "refused"

    fields = fields_of(as_vera, run) | {"invites": "no", "owner": str(vera.pk), "language": "pl-PL"}
    page = decide(as_vera, run, fields, then="start").text

    assert "2 vendors will be added, but not invited." in page
    start(as_vera, run)
    run_import(run.pk)
    assert set(Vendor.objects.values_list("state", "language", "owner")) == {("prepared", "pl-PL", vera.pk)}
    assert not Invitation.objects.exists()
    assert "No one has been invited." in as_vera.get(url("look", run)).text


def test_tags_of_the_whole_file_are_put_on_those_who_are_added(as_vera, vera, uploaded):
    known = Vendor.objects.get(primary_email="cleo@mail.example")
    fields = fields_of(as_vera, uploaded) | {"tags": "Rush Jobs, fair 2026, rush jobs"}
    page = decide(as_vera, uploaded, fields, then="start").text

    assert "fair 2026, rush jobs" in page
    start(as_vera, uploaded)
    run_import(uploaded.pk)
    added = Vendor.objects.get(primary_email="ana@mail.example")
    assert tags.of(added) == ["fair 2026", "rush jobs"]
    assert added.events.get(kind="tagged").by == vera
    assert tags.of(known) == []


def test_what_is_no_tag_is_refused_and_stays_as_typed(as_vera, uploaded):
    fields = fields_of(as_vera, uploaded) | {"tags": "x" * 41}
    page = decide(as_vera, uploaded, fields, then="start").text

    assert "longer than 40 characters" in page
    assert "x" * 41 in page
    uploaded.refresh_from_db()
    assert uploaded.tags == ""


def test_wrong_choice_is_said_and_nothing_typed_is_lost(as_vera, uploaded):
    row = at(uploaded, "bo")
    fields = fields_of(as_vera, uploaded) | {
        "owner": "999999",
        f"name-{row}": "Bo Typed",
        f"address-{row}": "bo@t.example",
    }
    page = decide(as_vera, uploaded, fields).text

    assert "Choose one of your colleagues." in page
    assert 'value="Bo Typed"' in page
    assert 'value="bo@t.example"' in page
    assert not uploaded.lines.filter(name="Bo Typed").exists()


# Two at once


def test_two_at_once_keep_what_each_decided_and_neither_overwrites_the_other(as_vera, uploaded):
    colleague = signed_in(create_staff())
    mine, theirs = fields_of(as_vera, uploaded), fields_of(colleague, uploaded)
    bo, ana = at(uploaded, "bo"), at(uploaded, "ana@mail.example")
    theirs |= {f"address-{bo}": "bo@theirs.example", "invites": "no"}
    del theirs[f"take-{ana}"]
    decide(colleague, uploaded, theirs)

    mine |= {f"address-{bo}": "bo@mine.example", f"name-{at(uploaded, 'dora@mail.example')}": "Dora"}
    page = decide(as_vera, uploaded, mine).text

    assert 'id="conflicts"' in page
    assert 'value="bo@mine.example"' in page
    assert "bo@theirs.example" in page
    assert uploaded.lines.get(pk=bo).address == "bo@theirs.example"
    assert uploaded.lines.get(address="dora@mail.example").name == "Dora", "what no one else touched is kept"
    assert "ana@mail.example" not in taken(uploaded), "what I had not touched stays as the colleague decided"
    uploaded.refresh_from_db()
    assert uploaded.invites is False
    again = {f"shown-{bo}": re.search(rf'name="shown-{bo}" value="(\w+)"', page)[1], f"address-{bo}": "bo@mine.example"}
    again |= {f"name-{bo}": "Bo"} | {name: fields_of(as_vera, uploaded)[name] for name in ("invites", "shown")}
    decide(as_vera, uploaded, again)
    assert uploaded.lines.get(pk=bo).address == "bo@mine.example", "once it has been read"


def test_choices_for_the_whole_file_that_a_colleague_changed_are_not_overwritten(as_vera, uploaded):
    colleague = signed_in(create_staff())
    mine, theirs = fields_of(as_vera, uploaded), fields_of(colleague, uploaded)
    decide(colleague, uploaded, theirs | {"language": "pl-PL", "tags": "theirs"})
    page = decide(as_vera, uploaded, mine | {"language": "de-DE", "tags": "mine"}).text

    assert 'id="conflicts"' in page
    assert 'value="de-DE" selected' in page
    assert 'value="mine"' in page
    uploaded.refresh_from_db()
    assert (uploaded.language, uploaded.tags) == ("pl-PL", "theirs")


def test_what_is_started_is_what_was_read(as_vera, uploaded):
    read = uploaded.revision
    colleague = signed_in(create_staff())
    fields = fields_of(colleague, uploaded)
    del fields[f"take-{at(uploaded, 'ana@mail.example')}"]
    decide(colleague, uploaded, fields)

    page = as_vera.post(url("start", uploaded), {"revision": read}, follow=True).text

    assert "changed after you opened the page" in page
    assert VendorImport.objects.get().state == "examined"


def test_nothing_can_be_decided_once_it_has_been_started(as_vera, uploaded):
    fields = fields_of(as_vera, uploaded)
    start(as_vera, uploaded)

    assert '<li class="error">' in decide(as_vera, uploaded, fields).text
    with pytest.raises(runs.AlreadyDecided):
        decisions.save(uploaded, decisions.ForAll.of(uploaded), {})


# The start


def test_started_import_adds_and_invites_what_is_ticked_and_says_what_became_of_each(as_vera, vera, uploaded):
    asked = as_vera.get(url("start", uploaded)).text
    assert "2 vendors will be added and invited." in asked
    assert "4 rows will be left out." in asked
    page = start(as_vera, uploaded).text
    assert 'value="0" max="2"' in page
    assert jobs("vendors.tasks.run_import") == [{"import_id": uploaded.pk}]

    run_import(uploaded.pk)

    done = fresh(uploaded)
    assert done.state == "done"
    assert Vendor.objects.filter(name="=1+1", state="invited").exists()
    assert not Vendor.objects.filter(primary_email__contains="gmial").exists()
    assert Invitation.objects.count() == 2
    assert set(VendorEvent.objects.values_list("kind", "via", "by")) == {
        ("added", "import_vendors", vera.pk),
        ("invited", "import_vendors", vera.pk),
    }
    page = as_vera.get(url("look", uploaded)).text
    assert "<progress" not in page
    assert "2 vendors have been added." in page
    assert "2 rows were left out" in page
    dora = Vendor.objects.get(primary_email="dora@mail.example")
    assert f'<a href="/admin/vendors/vendor/{dora.pk}/change/">' in page
    assert "%40" not in page
    assert 'id="start"' not in page
    only = as_vera.get(f"{url('look', uploaded)}?kind=refused").text.partition("<tbody>")[2]
    assert "Enter an email address" in only
    assert "dora" not in only


def test_start_pressed_twice_starts_once(as_vera, uploaded):
    start(as_vera, uploaded)
    page = start(as_vera, uploaded).text

    assert '<li class="error">' in page
    assert len(jobs("vendors.tasks.run_import")) == 1
    assert as_vera.get(url("start", uploaded)).status_code == 302


def test_with_nothing_ticked_there_is_nothing_to_start(as_vera, uploaded):
    fields = {name: value for name, value in fields_of(as_vera, uploaded).items() if not name.startswith("take-")}
    page = decide(as_vera, uploaded, fields, then="start").text

    assert "No row is ticked" in page
    assert 'id="start"' not in page


def test_thrown_away_file_is_gone_and_a_started_one_is_not_thrown_away(as_vera, uploaded):
    as_vera.post(url("throw_away", uploaded))
    assert not VendorImport.objects.exists()
    assert as_vera.get(url("look", uploaded)).status_code == 404

    upload(as_vera, *LINES)
    run = VendorImport.objects.get()
    start(as_vera, run)
    assert '<li class="error">' in as_vera.post(url("throw_away", run), follow=True).text
    assert fresh(run).state == "running"


def test_looking_starts_nothing(as_vera, uploaded):
    as_vera.get(url("start", uploaded))
    assert as_vera.get(url("throw_away", uploaded)).status_code == 405
    assert fresh(uploaded).state == "examined"


def test_who_was_added_by_a_colleague_meanwhile_is_known(as_vera, uploaded):
    start(as_vera, uploaded)
    quicker = create_vendor(name="Ana Quicker", primary_email="ana@mail.example")
    run_import(uploaded.pk)

    row = uploaded.lines.get(address="ana@mail.example")
    assert (row.kind, row.vendor) == ("known", quicker)


# Refused rows as a file


def test_refused_rows_are_a_file_with_the_same_columns_the_reason_and_no_formula(as_vera):
    content = b"sep=;\nComment;Name;E-Mail\n=cmd;Ana;ana\n+1;;b@mail.example\nfine;Cleo;cleo@mail.example\n"
    upload(as_vera, content=content)
    run = VendorImport.objects.get()
    ana = run.lines.get(name="Ana")
    decide(as_vera, run, fields_of(as_vera, run) | {f"address-{ana.pk}": "ana@localhost"})

    answer = as_vera.get(url("refused", run))

    text = b"".join(answer.streaming_content).decode()
    assert text.startswith("\ufeff")
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert rows[0] == ["Comment", "Name", "E-Mail", "Why it was refused"]
    assert [row[:3] for row in rows[1:]] == [["'=cmd", "Ana", "ana@localhost"], ["'+1", "", "b@mail.example"]]
    assert rows[2][3] == "The name is missing."
    mended = text.replace("ana@localhost", "ana@mail.example").encode()
    upload(as_vera, content=mended)
    assert kinds(VendorImport.objects.latest("pk"))["ana@mail.example"] == "added"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "This file is empty"),
        (b"name,email\n", "no rows below the first one"),
        (b"name\nAna\n", "no column “email”"),
        ("name,email\nDvořák,d@mail.example\n".encode("cp1250"), "not in UTF-8"),
        (b"name,email\n" + b"x" * (2 * 2**20), "larger than 2 MB"),
        (b"name,email\n" + b"A,a\n" * 20_001, "more than 20000 rows"),
    ],
)
def test_upload_that_cannot_be_imported_says_why(as_vera, content, said):
    assert said in upload(as_vera, content=content).text
    assert not VendorImport.objects.exists()


def test_hostile_cells_and_names_are_just_text(as_vera):
    answer = upload(as_vera, "<script>alert(1)</script>,<b>@mail.example", name="<img src=x>.csv")

    assert "<script>alert" not in answer.text
    assert "<b>@" not in answer.text
    assert "<img src=x>" not in answer.text
    assert "&lt;b&gt;@mail.example" in answer.text


def test_long_files_are_read_page_by_page_and_each_keeps_what_was_decided(as_vera):
    upload(as_vera, *(f"N{number},n{number}@mail.example" for number in range(120)))
    run = VendorImport.objects.get()
    fields = fields_of(as_vera, run)
    assert len([name for name in fields if name.startswith("shown-")]) == 50
    del fields[f"take-{at(run, 'n3@mail.example')}"]
    page = decide(as_vera, run, fields, then=":2")

    assert "n50@mail.example" in page.text
    assert "n3@mail.example" not in page.text
    assert "n3@mail.example" not in taken(run)
    assert len(taken(run)) == 119
    assert "n119@mail.example" in as_vera.get(f"{url('look', run)}?kind=added&p=3").text


@pytest.mark.parametrize("role", [FINANCE, OPERATIONS, AUDITOR])
def test_only_who_may_add_and_invite_may_import(role, uploaded):
    client = signed_in(create_staff(role=role))

    assert client.get(UPLOAD).status_code == 403
    assert client.get(url("look", uploaded)).status_code == 403
    assert client.post(url("start", uploaded)).status_code == 403
    assert client.post(url("throw_away", uploaded)).status_code == 403
    assert client.get(url("refused", uploaded)).status_code == 403
    assert UPLOAD not in client.get("/admin/vendors/vendor/").text
    assert fresh(uploaded).state == "examined"


# The task


class PowerCut(BaseException):
    """As if the process were killed: nothing after it runs."""


def done(run: VendorImport) -> int:
    return run.lines.filter(is_done=True).count()


@pytest.mark.parametrize("where", [lifecycle, csv_rows])
def test_killed_import_goes_on_where_it_was(many, monkeypatch, where):
    """Killed between adding and inviting, or before it was written down that the row is done."""
    name = "invite" if where is lifecycle else "replace"
    real, calls = getattr(where, name), []

    def dies(*args, **kwargs):
        calls.append(args)
        if len(calls) == 11:
            raise PowerCut
        return real(*args, **kwargs)

    monkeypatch.setattr(where, name, dies)
    with pytest.raises(PowerCut):
        run_import(many.pk)
    assert (done(many), fresh(many).state, Vendor.objects.count()) == (10, "running", 10)

    run_import(many.pk)

    assert (fresh(many).state, done(many), Vendor.objects.count()) == ("done", 25, 25)
    assert Invitation.objects.count() == 25


def test_long_import_goes_on_in_another_job(many, monkeypatch):
    monkeypatch.setattr(runs, "AT_ONCE", 10)
    for rows, waiting in [(10, 2), (20, 3), (25, 3)]:
        run_import(many.pk)
        assert (done(many), len(jobs("vendors.tasks.run_import"))) == (rows, waiting)

    assert fresh(many).state == "done"


def test_rescued_job_whose_worker_still_lives_does_nothing_twice(many, monkeypatch):
    behind = fresh(many)
    real = runs._carry_out
    once = []

    def overtaken(*args):
        if not once:
            once.append(True)
            run_import(many.pk)
        real(*args)

    monkeypatch.setattr(runs, "_carry_out", overtaken)
    runs.go_on(behind)

    assert (fresh(many).state, done(many)) == ("done", 25)
    assert Vendor.objects.count() == Invitation.objects.count() == 25
    assert set(many.lines.values_list("kind", flat=True)) == {"added"}


def test_done_import_is_not_carried_out_again(many):
    run_import(many.pk)
    run_import(many.pk)
    run_import(0)

    assert (done(many), Vendor.objects.count()) == (25, 25)


def test_files_nobody_decided_on_and_old_results_go(as_vera, uploaded, many):
    run_import(many.pk)
    assert runs.forget_old() == 0

    VendorImport.objects.filter(pk=uploaded.pk).update(created_at=timezone.now() - dt.timedelta(hours=25))
    VendorImport.objects.filter(pk=many.pk).update(finished_at=timezone.now() - dt.timedelta(days=31))

    assert runs.forget_old() == 2
    assert not ImportRow.objects.exists()


def test_page_and_saving_cost_the_same_however_many_rows(as_vera):
    def statements(rows: int) -> tuple[int, int]:
        upload(as_vera, *(f"N{number},n{number}@gmial.com" for number in range(rows)))
        run = VendorImport.objects.latest("pk")
        with CaptureQueriesContext(connection) as looking:
            fields = fields_of(as_vera, run)
        names = [name for name in fields if name.startswith("address-")]
        with CaptureQueriesContext(connection) as saving:
            as_vera.post(url("look", run), fields | {name: f"x{name}@mail.example" for name in names})
        return len(looking), len(saving)

    assert statements(3) == statements(45)


def test_preview_reads_a_few_hundred_rows_at_a_time(vera, monkeypatch):
    monkeypatch.setattr(csv_rows, "TOGETHER", 10)
    real, together = ImportRow.objects.bulk_create, []
    monkeypatch.setattr(ImportRow.objects, "bulk_create", lambda rows: together.append(len(rows)) or real(rows))
    text = "name,email\n" + "".join(f"N{number},n{number}@mail.example\n" for number in range(35))
    run = runs.prepare(SimpleUploadedFile("m.csv", text.encode()).file, name="m.csv", by=vera)

    assert (together, run.lines.count()) == ([10, 10, 10, 5], 35)
