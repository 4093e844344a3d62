import io
import subprocess
import threading

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from identity.models import Invitation
from tests.factories import create_email_change, create_staff, create_vendor
from tests.passport_fixture import in_thread
from tests.processes import start, start_command
from tests.records import jobs
from tests.waiting import wait_for
from vendors.bulk_import import csv_rows
from vendors.bulk_import.csv_rows import BadFile, Kind
from vendors.models import EmailChange, Vendor, VendorEvent, VendorImport, VendorState

pytestmark = pytest.mark.django_db


def csv(*lines: str, heading: str = "name,email", encoding: str = "utf-8", end: str = "\n") -> io.BytesIO:
    return io.BytesIO("".join(f"{line}{end}" for line in (heading, *lines)).encode(encoding))


def run(*lines: str, **kwargs: str) -> list[tuple[int, str, str]]:
    """Kind and sentence of each row. The preview of the same file must have said the same."""
    foreseen = list(csv_rows.examine(csv(*lines, **kwargs)))
    became = list(csv_rows.carry_out(csv(*lines, **kwargs)))
    assert foreseen == became
    return [(result.line, result.kind, result.sentence) for result in became]


def addresses() -> list[str]:
    return sorted(Vendor.objects.values_list("primary_email", flat=True))


# Reading


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_file_as_spreadsheets_write_it(delimiter, encoding, end):
    heading = delimiter.join(["Primary_Email ", "LANGUAGE", "Comment", "Name"])
    line = delimiter.join(["ana@Mail.example", "pt-pt", "=1+1", " Łucja  Almeida"])

    assert run(line, heading=heading, encoding=encoding, end=end) == [(2, Kind.ADDED, "")]
    vendor = Vendor.objects.get()
    assert (vendor.name, vendor.primary_email, vendor.language) == ("Łucja Almeida", "ana@mail.example", "pt-PT")


@pytest.mark.parametrize(
    ("heading", "said"),
    [
        ("name", "no column “email”"),
        ("email", "no column “name”"),
        ("Ana,ana@mail.example", "no column “name” and no column “email”"),
        ("", "no column"),
        ("name,email,E-Mail", "“E-Mail” appears twice"),
    ],
)
def test_heading_without_a_column_is_refused_in_a_sentence(heading, said):
    with pytest.raises(BadFile, match=said):
        list(csv_rows.examine(csv("Ana,ana@mail.example", heading=heading)))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no column"),
        ("name,email\nDvořák,d@mail.example\n".encode("cp1250"), "UTF-8"),
        (b"PK\x03\x04\x14\x00\x08\x08" + bytes(range(256)), "workbook cannot be read"),
        (b"\x00\x01\x02\xff" * 100, "UTF-8"),
        (b"name,email\nBo,bo@mail.example\n" + b"x" * 100_000, "Line 3 is too long"),
        (b'name,email\nBo,bo@mail.example\n"Ana,ana@mail.example\nDora,dora@mail.example\n', "Line 3 cannot be read"),
        (b'name,email\n"A"na,ana@mail.example\n', "Line 2 cannot be read"),
    ],
)
def test_file_that_is_no_csv_is_refused_before_anything_is_done(content, said, tmp_path):
    file = tmp_path / "vendors.csv"
    file.write_bytes(content)
    with pytest.raises(CommandError, match=said) as caught:
        call_command("import_vendors", file)

    assert caught.value.returncode == 2
    assert addresses() == []


def test_line_is_where_the_row_begins():
    lines = ['"Ana', 'Almeida",ana@mail.example', "", ",,", "Bo,bo"]

    assert [(line, kind) for line, kind, _said in run(*lines, heading="name,email,language")] == [
        (2, Kind.ADDED),
        (6, Kind.REFUSED),
    ]
    assert Vendor.objects.get().name == "Ana Almeida"


@pytest.mark.parametrize("first", ["sep=;", "SEP=;", '"sep=;"', "sep=|", "sep=\t"])
def test_line_that_names_the_separator_is_understood(first):
    by = first.strip('"')[-1]

    assert run(f"Ana, of London{by}ana@mail.example", heading=f"{first}\nname{by}email") == [(3, Kind.ADDED, "")]
    assert Vendor.objects.get().name == "Ana, of London"


def test_empty_cells_beyond_the_heading_are_nothing():
    rows = run("Ana,ana@mail.example,,,", "Bo,bo@mail.example, ,\t", heading="name,email,")

    assert rows == [(2, Kind.ADDED, ""), (3, Kind.ADDED, "")]


def test_empty_lines_before_the_heading_are_nothing():
    assert run("Ana,ana@mail.example", heading=",,\n\nname,email") == [(4, Kind.ADDED, "")]


@pytest.mark.parametrize(
    "heading",
    [
        "First name,Last name,email",
        "first_name,LAST NAME,email",
        "Given name,Family name,email",
        "Forename,Surname,email",
        "First-name,Last-name,email",
    ],
)
def test_first_and_last_name_are_a_name(heading):
    run("Ana,Almeida,ana@mail.example", "Bo,,bo@mail.example", heading=heading)

    assert list(Vendor.objects.order_by("pk").values_list("name", flat=True)) == ["Ana Almeida", "Bo"]


def test_half_a_name_is_no_column_of_names():
    with pytest.raises(BadFile, match="no column “name”"):
        list(csv_rows.examine(csv("Ana,ana@mail.example", heading="first name,email")))


# Each kind of row


def test_new_row_is_added_and_invited():
    owner = create_staff(email="Vera.VM@sandberg.example")
    run("Ana,ana@mail.example,de,vera.vm@Sandberg.example", heading="name,email,language,owner")

    vendor = Vendor.objects.get()
    assert (vendor.state, vendor.language, vendor.owner) == (VendorState.INVITED, "de-DE", owner)
    assert Invitation.objects.get().state == Invitation.State.QUEUED
    assert jobs("identity.tasks.send_invitation") == [{"invitation_id": str(Invitation.objects.get().pk)}]
    assert set(VendorEvent.objects.values_list("kind", "via", "by")) == {
        ("added", "import_vendors", None),
        ("invited", "import_vendors", None),
    }


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("Ana,a+b@mail.example", "cannot invite an address with “+” in it"),
        ("Ana,ana", "Enter an email address"),
        ("Ana,ana maria@mail.example", "a space"),
        ("Ana,", "The address is missing"),
        ("Ana", "The address is missing"),
        (",ana@mail.example", "The name is missing"),
        ("A" * 201 + ",ana@mail.example", "longer than 200"),
        ("Ana,ana@mail.example,tlh", "“tlh” is not one of the languages"),
        ("Ana,ana@mail.example,pt", "“pt” is not one of the languages"),
        ("Ana,ana@mail.example,,boss@sandberg.example", "No member of staff"),
        ("Almeida, Ana,ana@mail.example,de,", "more cells"),
    ],
)
def test_row_that_cannot_be_imported_says_why(line, said):
    create_vendor(primary_email="boss@sandberg.example")
    before = addresses()
    ((number, kind, sentence),) = run(line, heading="name,email,language,owner")

    assert (number, kind) == (2, Kind.REFUSED)
    assert said in sentence
    assert addresses() == before


@pytest.mark.parametrize("state", [VendorState.PREPARED, VendorState.INVITED, VendorState.SUSPENDED])
def test_known_address_is_left_alone_and_named(state):
    vendor = create_vendor(state=state, name="Ana Almeida", primary_email="ana@mail.example")
    foreseen = list(csv_rows.examine(csv("Other,ANA@mail.example")))
    assert list(csv_rows.carry_out(csv("Other,ANA@mail.example"))) == foreseen

    assert foreseen[0].kind == Kind.KNOWN
    assert foreseen[0].sentence.startswith(f"Already the primary email of Ana Almeida, who is {state}.")
    vendor.refresh_from_db()
    assert (vendor.name, vendor.state, Vendor.objects.count()) == ("Ana Almeida", state, 1)
    assert not jobs("identity.tasks.send_invitation")


def test_same_address_twice_counts_once_and_names_the_line():
    lines = ["Ana,ana@mail.example", "Bo,bo@mail.example", "Ana again,ANA@Mail.example"]

    assert run(*lines)[2] == (4, Kind.REFUSED, "The same address as on line 2.")
    assert Vendor.objects.get(primary_email="ana@mail.example").name == "Ana"


def test_refused_row_does_not_make_the_next_one_a_repetition():
    kinds = [kind for _line, kind, _said in run(",ana@mail.example", "Ana,ana@mail.example")]

    assert kinds == [Kind.REFUSED, Kind.ADDED]


@pytest.mark.parametrize("held", ["old@mail.example", "OLD@mail.example"])
def test_address_in_an_open_email_change_is_refused(held):
    vendor = create_vendor(state=VendorState.APPROVED, name="Cleo", primary_email="new@mail.example")
    create_email_change(vendor=vendor, old="old@mail.example", new="new@mail.example")

    assert run(f"Ana,{held}") == [(2, Kind.REFUSED, "This address is part of an open email change for Cleo.")]


def test_near_miss_and_former_address_are_warned_of_and_invited_nevertheless():
    vendor = create_vendor(state=VendorState.APPROVED, name="Cleo", primary_email="new@mail.example")
    create_email_change(
        vendor=vendor, old="Former@mail.example", new="new@mail.example", state=EmailChange.State.CONFIRMED
    )

    assert run("Tim,sandbox-tim@gmial.com", "Fay,former@mail.example") == [
        (2, Kind.DOUBTFUL, "Did you mean sandbox-tim@gmail.com?"),
        (3, Kind.DOUBTFUL, "This address once belonged to Cleo."),
    ]
    assert Invitation.objects.filter(address__in=["sandbox-tim@gmial.com", "former@mail.example"]).count() == 2


def test_hostile_cells_are_just_text():
    names = ["=HYPERLINK(A1)", "<script>alert(1)</script>", "'; DROP TABLE vendors_vendor; --", "\x00\x1b[2JAna\x07"]
    lines = [f'"{name}",a{number}@mail.example' for number, name in enumerate(names)]

    assert {kind for _line, kind, _said in run(*lines)} == {Kind.ADDED}
    assert list(Vendor.objects.order_by("primary_email").values_list("name", flat=True)) == [*names[:3], "[2JAna"]


def test_who_was_added_by_somebody_quicker_is_known():
    results = csv_rows.carry_out(csv("Ana,ana@mail.example", "Bo,bo@mail.example"))
    next(results)
    create_vendor(name="Bob", primary_email="bo@mail.example")

    assert next(results).sentence.startswith("Already the primary email of Bob")
    assert addresses() == ["ana@mail.example", "bo@mail.example"]


# Again, twice at once, killed, big


def test_second_run_changes_nothing():
    lines = [f"N{number},n{number}@mail.example" for number in range(5)]
    list(csv_rows.carry_out(csv(*lines)))

    assert {result.kind for result in csv_rows.carry_out(csv(*lines))} == {Kind.KNOWN}
    assert (Vendor.objects.count(), Invitation.objects.count()) == (5, 5)


@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_add_everybody_once():
    lines = [f"N{number},n{number}@mail.example" for number in range(40)]
    results: list[list] = []
    threads = [
        threading.Thread(
            target=lambda: results.append(in_thread(lambda: [each.kind for each in csv_rows.carry_out(csv(*lines))]))
        )
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(map(len, results)) == [40, 40]
    assert sum(kinds.count(Kind.ADDED) for kinds in results) == 40
    assert sum(kinds.count(Kind.KNOWN) for kinds in results) == 40
    assert (Vendor.objects.count(), Invitation.objects.count()) == (40, 40)
    assert len(jobs("identity.tasks.send_invitation")) >= 40


@pytest.mark.django_db(transaction=True)
def test_killed_import_is_simply_run_again(tmp_path):
    rows = 400
    file = tmp_path / "vendors.csv"
    file.write_bytes(csv(*(f"N{number},n{number}@mail.example" for number in range(rows))).getvalue())
    process = start_command("import_vendors", file, stdout=subprocess.DEVNULL)
    wait_for(lambda: Vendor.objects.count() >= 20)
    process.kill()
    process.wait()
    survived = Vendor.objects.count()
    assert 20 <= survived < rows
    assert Invitation.objects.count() == survived, "added without the invitation"

    again = start_command("import_vendors", file, stdout=subprocess.PIPE)
    out, _err = again.communicate()

    assert again.returncode == 0
    assert f"{rows} rows: {rows - survived} added and invited (0 to check), {survived} already known, 0 refused." in out
    assert (Vendor.objects.count(), Invitation.objects.count()) == (rows, rows)
    assert len({job["invitation_id"] for job in jobs("identity.tasks.send_invitation")}) >= rows


# The command


def test_command_prints_a_line_for_every_row_worth_reading(tmp_path, capsys):
    create_vendor(name="Cleo", primary_email="cleo@mail.example")
    file = tmp_path / "vendors.csv"
    file.write_bytes(
        csv("Ana,ana@mail.example", "Tim,sandbox-tim@gmial.com", "Cleo,cleo@mail.example", "Bo,bo", "Di,").getvalue()
    )
    printed = (
        "line 3: sandbox-tim@gmial.com: new, please check. Did you mean sandbox-tim@gmail.com?\n"
        "line 4: cleo@mail.example: already known. Already the primary email of Cleo, who is prepared. "
        "Nothing changes.\n"
        "line 5: bo: refused. Enter an email address, like ana@example.com.\n"
        "line 6: –: refused. The address is missing.\n"
    )
    with pytest.raises(CommandError, match="2 rows were refused") as caught:
        call_command("import_vendors", file, "--dry-run")

    assert caught.value.returncode == 1
    assert capsys.readouterr().out == (
        f"{printed}5 rows: 2 would be added and invited (1 to check), 1 already known, 2 refused.\n"
    )
    assert addresses() == ["cleo@mail.example"]

    with pytest.raises(CommandError):
        call_command("import_vendors", file)

    [run] = VendorImport.objects.all()
    assert capsys.readouterr().out == (
        f"{printed}This is import {run.pk}. To withdraw it: manage.py withdraw_import {run.pk} --reason “…”\n"
        "5 rows: 2 added and invited (1 to check), 1 already known, 2 refused.\n"
    )
    assert (run.rows, run.via, run.state) == (2, "import_vendors", "done")
    assert addresses() == ["ana@mail.example", "cleo@mail.example", "sandbox-tim@gmial.com"]


def test_command_is_content_when_nothing_is_refused(tmp_path, capsys):
    file = tmp_path / "vendors.csv"
    file.write_bytes(csv("Ana,ana@mail.example").getvalue())
    call_command("import_vendors", file)
    call_command("import_vendors", file)

    assert capsys.readouterr().out.endswith("1 rows: 0 added and invited (0 to check), 1 already known, 0 refused.\n")


def test_command_without_its_file_is_called_wrongly(tmp_path):
    with pytest.raises(CommandError, match="nowhere.csv cannot be read: No such file") as caught:
        call_command("import_vendors", tmp_path / "nowhere.csv")

    assert caught.value.returncode == 2


def test_statements_do_not_grow_with_the_rows():
    def statements(rows: int, start: int) -> int:
        lines = [f"N{number},n{number}@mail.example" for number in range(start, start + rows)]
        with CaptureQueriesContext(
            connection,
        ) as captured:
            list(csv_rows.carry_out(csv(*lines)))
        return len(captured)

    first, second = statements(5, start=0), statements(50, start=100)

    assert (second - first) % 45 == 0
    assert (second - first) // 45 <= 25


def test_preview_of_many_rows_costs_a_handful_of_statements(django_assert_num_queries):
    lines = [f"N{number},n{number}@mail.example" for number in range(500)]
    with django_assert_num_queries(4):
        assert len(list(csv_rows.examine(csv(*lines)))) == 500


MEASURE = """
import tracemalloc
import django
django.setup()
from vendors.bulk_import import csv_rows
def examined(name):
    with open(name, "rb") as file:
        return sum(1 for _row in csv_rows.examine(file))
examined(sys.argv[1])
tracemalloc.start()
for name in sys.argv[1:]:
    tracemalloc.reset_peak()
    print(examined(name), tracemalloc.get_traced_memory()[1])
"""


def test_ten_thousand_rows_are_never_all_in_memory(tmp_path):
    """The preview reads and compares as the import does; what it holds grows only by the list of addresses seen."""
    files = {1_000: tmp_path / "small.csv", 10_000: tmp_path / "large.csv"}
    for rows, file in files.items():
        lines = (f"N{number},n{number}@mail.example,{'x' * 500}" for number in range(rows))
        file.write_bytes(csv(*lines, heading="name,email,comment").getvalue())

    printed, _err = start(MEASURE, *files.values(), stdout=subprocess.PIPE).communicate()

    peaks = dict(map(int, line.split()) for line in printed.splitlines())
    assert peaks.keys() == files.keys()
    assert peaks[10_000] - peaks[1_000] < 3_000_000  # the file itself has 5.3 MB
