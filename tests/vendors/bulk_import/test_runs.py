import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from identity.models import Invitation
from identity.roles import AUDITOR, FINANCE, OPERATIONS
from tests.clients import signed_in
from tests.factories import create_staff, create_vendor
from tests.records import jobs
from vendors import lifecycle
from vendors.bulk_import import runs
from vendors.models import Vendor, VendorEvent, VendorImport
from vendors.tasks import run_import

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore:No directory at")]

UPLOAD = "/admin/vendors/vendor/import/"
LINES = (
    "Ana,ana@mail.example",
    "Bo,bo",
    "Tim,sandbox-tim@gmial.com",
    "Cleo,cleo@mail.example",
    "=1+1,dora@mail.example",
)


def upload(client, *lines: str, content: bytes | None = None, name: str = "vendors.csv"):
    text = "".join(f"{line}\n" for line in ("name,email", *lines)).encode()
    return client.post(UPLOAD, {"file": SimpleUploadedFile(name, text if content is None else content)}, follow=True)


def url(name: str, run: VendorImport) -> str:
    return reverse(f"admin:vendors_vendor_import_{name}", args=[run.pk])


@pytest.fixture
def uploaded(as_vera) -> VendorImport:
    create_vendor(name="Cleo", primary_email="cleo@mail.example")
    upload(as_vera, *LINES)
    return VendorImport.objects.get()


@pytest.fixture
def many(vera) -> VendorImport:
    text = "name,email\n" + "".join(f"N{number},n{number}@mail.example\n" for number in range(25))
    run = runs.prepare(SimpleUploadedFile("many.csv", text.encode()).file, name="many.csv", by=vera)
    runs.start(run, by=vera)
    return run


def fresh(run: VendorImport) -> VendorImport:
    return VendorImport.objects.select_related("by").get(pk=run.pk)


def test_list_leads_to_the_import(as_vera):
    assert f'href="{UPLOAD}"' in as_vera.get("/admin/vendors/vendor/").text


def test_upload_says_what_would_happen_and_changes_nothing(as_vera, uploaded):
    page = as_vera.get(url("look", uploaded)).text

    assert [page.index(f'<h2 id="{kind}">') for kind in ("refused", "doubtful", "known", "added")] == sorted(
        page.index(f'<h2 id="{kind}">') for kind in ("refused", "doubtful", "known", "added")
    )
    for said in ("Enter an email address", "Did you mean sandbox-tim@gmail.com?", "Already the primary email of Cleo"):
        assert said in page
    assert uploaded.counts == {"refused": 1, "doubtful": 1, "known": 1, "added": 2}
    assert Vendor.objects.count() == 1
    assert not jobs("vendors.tasks.run_import")


def test_file_is_kept_encrypted_until_it_is_done_and_nowhere_else(as_vera, uploaded, media_root):
    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM vendors_vendorimport")
        stored = bytes(cursor.fetchone()[0])

    assert b"dora" not in stored
    assert "dora" in uploaded.content
    assert not media_root.exists()
    assert "dora" not in str(dict(as_vera.session))
    page = as_vera.get(url("look", uploaded)).text
    of_every_form = page.count('name="csrfmiddlewaretoken"') + page.count('name="typed_by"')
    assert page.count('type="hidden"') == of_every_form


def test_started_import_adds_and_invites_and_tells_what_became_of_each_row(as_vera, vera, uploaded):
    page = as_vera.post(url("start", uploaded), follow=True).text
    assert 'value="0" max="5"' in page
    assert jobs("vendors.tasks.run_import") == [{"import_id": uploaded.pk}]

    run_import(uploaded.pk)

    done = fresh(uploaded)
    assert (done.state, done.content, done.rows_done) == ("done", None, 5)
    assert done.counts == {"refused": 1, "doubtful": 1, "known": 1, "added": 2}
    assert Vendor.objects.filter(name="=1+1", state="invited").exists()
    assert Invitation.objects.count() == 3
    assert set(VendorEvent.objects.values_list("kind", "via", "by")) == {
        ("added", "import_vendors", vera.pk),
        ("invited", "import_vendors", vera.pk),
    }
    page = as_vera.get(url("look", uploaded)).text
    assert "<progress" not in page
    dora = Vendor.objects.get(primary_email="dora@mail.example")
    assert f'<a href="/admin/vendors/vendor/{dora.pk}/change/"><bdi translate="no">dora@mail.example</bdi></a>' in page
    assert "%40" not in page
    assert 'id="start"' not in page


def test_start_pressed_twice_starts_once(as_vera, uploaded):
    as_vera.post(url("start", uploaded))
    page = as_vera.post(url("start", uploaded), follow=True).text

    assert '<li class="error">' in page
    assert len(jobs("vendors.tasks.run_import")) == 1


def test_thrown_away_file_is_gone_and_a_started_one_is_not_thrown_away(as_vera, uploaded):
    as_vera.post(url("throw_away", uploaded))
    assert not VendorImport.objects.exists()
    assert as_vera.get(url("look", uploaded)).status_code == 404

    upload(as_vera, *LINES)
    run = VendorImport.objects.get()
    as_vera.post(url("start", run))
    assert '<li class="error">' in as_vera.post(url("throw_away", run), follow=True).text
    assert fresh(run).state == "running"


def test_decisions_are_not_taken_by_looking(as_vera, uploaded):
    assert as_vera.get(url("start", uploaded)).status_code == 405
    assert as_vera.get(url("throw_away", uploaded)).status_code == 405


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


def test_long_lists_show_the_first_rows_of_each_kind(as_vera):
    answer = upload(as_vera, *(f"N{number},n{number}" for number in range(201)))

    assert "The first 200 of 201." in answer.text
    assert len(VendorImport.objects.get().results["refused"]) == 200


@pytest.mark.parametrize("role", [FINANCE, OPERATIONS, AUDITOR])
def test_only_who_may_add_and_invite_may_import(role, uploaded):
    client = signed_in(create_staff(role=role))

    assert client.get(UPLOAD).status_code == 403
    assert client.get(url("look", uploaded)).status_code == 403
    assert client.post(url("start", uploaded)).status_code == 403
    assert client.post(url("throw_away", uploaded)).status_code == 403
    assert UPLOAD not in client.get("/admin/vendors/vendor/").text
    assert fresh(uploaded).state == "examined"


# The task


class PowerCut(BaseException):
    """As if the process were killed: nothing after it runs."""


@pytest.mark.parametrize(("where", "name"), [(lifecycle, "invite"), (runs.Tally, "add")])
def test_killed_import_goes_on_where_it_was(many, monkeypatch, where, name):
    """Killed between adding and inviting, or before it was written down how far it got."""
    real, calls = getattr(where, name), []

    def dies(*args, **kwargs):
        calls.append(args)
        if len(calls) == 11:
            raise PowerCut
        return real(*args, **kwargs)

    monkeypatch.setattr(where, name, dies)
    with pytest.raises(PowerCut):
        run_import(many.pk)
    assert (fresh(many).rows_done, fresh(many).state, Vendor.objects.count()) == (10, "running", 10)

    run_import(many.pk)

    done = fresh(many)
    assert (done.state, done.counts, Vendor.objects.count()) == ("done", {"added": 25}, 25)
    assert [line for line, _address, _said in done.results["added"]] == list(range(2, 27))
    assert Invitation.objects.count() == 25


def test_long_import_goes_on_in_another_job(many, monkeypatch):
    monkeypatch.setattr(runs, "AT_ONCE", 10)
    for rows, waiting in [(10, 2), (20, 3), (25, 3)]:
        run_import(many.pk)
        assert (fresh(many).rows_done, len(jobs("vendors.tasks.run_import"))) == (rows, waiting)

    assert fresh(many).state == "done"


def test_import_whose_last_row_ends_a_job_ends_in_the_next(many, monkeypatch):
    monkeypatch.setattr(runs, "AT_ONCE", 25)
    run_import(many.pk)
    run_import(many.pk)

    assert (fresh(many).state, fresh(many).counts) == ("done", {"added": 25})


def test_rescued_job_whose_worker_still_lives_steps_back(many, monkeypatch):
    """Two processes at the same import: the one that is behind changes nothing and ends."""
    monkeypatch.setattr(runs, "AT_ONCE", 10)
    behind = fresh(many)
    run_import(many.pk)
    runs.go_on(behind)

    assert (fresh(many).rows_done, fresh(many).counts) == (10, {"added": 10})
    assert Vendor.objects.count() == Invitation.objects.count() == 10


def test_done_import_is_not_carried_out_again(many):
    run_import(many.pk)
    run_import(many.pk)
    run_import(0)

    assert (fresh(many).counts, Vendor.objects.count()) == ({"added": 25}, 25)


def test_files_nobody_decided_on_and_old_results_go(as_vera, uploaded, many):
    run_import(many.pk)
    assert runs.forget_old() == 0

    VendorImport.objects.filter(pk=uploaded.pk).update(created_at=timezone.now() - dt.timedelta(hours=25))
    VendorImport.objects.filter(pk=many.pk).update(finished_at=timezone.now() - dt.timedelta(days=31))

    assert runs.forget_old() == 2
    assert not VendorImport.objects.exists()


def test_look_costs_the_same_however_many_rows(as_vera, uploaded, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        as_vera.get(url("look", uploaded))
