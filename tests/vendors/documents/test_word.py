"""What is refused inside a Word file, whatever its parts are called."""

import io
import zipfile
from collections.abc import Mapping

import pytest

from tests.growth import assert_in_proportion
from tests.vendors.documents.test_inspection import ALL, looking_into, refusal, upload
from vendors.documents.inspection import DOCX, Refused, check

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT = "http://purl.oclc.org/ooxml/officeDocument/relationships"
MICROSOFT = "http://schemas.microsoft.com/office/2006/relationships"
MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
NO_PARTS: Mapping[str, bytes] = {}
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504


def override(part: str, content_type: str) -> str:
    return f'<Override PartName="{part}" ContentType="{content_type}"/>'


def relationship(kind: str, target: str, *, outside: bool = False) -> str:
    mode = ' TargetMode="External"' if outside else ""
    return f'<Relationship Id="rId9" Type="{kind}" Target="{target}"{mode}/>'


def word(
    *, types: str = "", main: str = MAIN, rels: str = "", settings: str = "", parts: Mapping[str, bytes] = NO_PARTS
) -> bytes:
    namespace = "http://schemas.openxmlformats.org/package/2006"
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml",
            f'<?xml version="1.0"?><Types xmlns="{namespace}/content-types">'
            f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f"{override('/word/document.xml', main)}{types}</Types>",
        )
        document = relationship(f"{OFFICE}/officeDocument", "word/document.xml")
        relationships = {"": document, "word/document.xml": rels, "word/settings.xml": settings}
        for part, links in relationships.items():
            folder, _slash, own = part.rpartition("/")
            name = f"{folder}/_rels/{own}.rels".lstrip("/")
            archive.writestr(name, f'<Relationships xmlns="{namespace}/relationships">{links}</Relationships>')
        archive.writestr("word/document.xml", f'<w:document xmlns:w="{W}"><w:body/></w:document>')
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


VBA = "application/vnd.ms-office.vbaProject"
MACROS = {
    "its usual name": word(
        types=override("/word/vbaProject.bin", VBA),
        rels=relationship(f"{MICROSOFT}/vbaProject", "vbaProject.bin"),
        parts={"word/vbaProject.bin": OLE},
    ),
    "capital letters": word(
        types=f'<Default Extension="BIN" ContentType="{VBA}"/>', parts={"word/VBAPROJECT.BIN": OLE}
    ),
    "another name": word(types=override("/word/theme.xml", VBA), parts={"word/theme.xml": b"x"}),
    "by the relationship alone": word(
        rels=relationship(f"{MICROSOFT}/vbaProject", "media/a.png"), parts={"word/media/a.png": b"x"}
    ),
    "relationship of another part": word(settings=relationship(f"{MICROSOFT}/wordVbaData", "a.xml")),
    "document with macros": word(main="application/vnd.ms-word.document.macroEnabled.main+xml"),
    "template with macros": word(main="application/vnd.ms-word.template.macroEnabledTemplate.main+xml"),
}


@pytest.mark.parametrize("content", MACROS.values(), ids=MACROS.keys())
def test_macros_are_refused_whatever_they_are_called(content):
    assert "contains macros" in refusal(content, "cv.docx")


EMBEDDED = {
    "OLE object": word(
        rels=relationship(f"{OFFICE}/oleObject", "embeddings/oleObject1.bin"),
        parts={"word/embeddings/oleObject1.bin": OLE},
    ),
    "OLE object, strict": word(rels=relationship(f"{STRICT}/oleObject", "a.bin")),
    "OLE object that nothing names": word(parts={"word/media/picture.png": OLE}),
    "package": word(rels=relationship(f"{OFFICE}/package", "embeddings/a.xlsx")),
    "program": word(parts={"word/media/picture.png": b"MZ\x90\0"}),
    "another document": word(parts={"word/media/picture.png": word()}),
    "control": word(
        types=override("/word/activeX/activeX1.xml", "application/vnd.ms-office.activeX+xml"),
        rels=relationship(f"{OFFICE}/control", "activeX/activeX1.xml"),
    ),
    "foreign text": word(rels=relationship(f"{OFFICE}/aFChunk", "a.html"), parts={"word/a.html": b"<script/>"}),
}


@pytest.mark.parametrize("content", EMBEDDED.values(), ids=EMBEDDED.keys())
def test_embedded_files_are_refused(content):
    assert "contains a program or another file" in refusal(content, "cv.docx")


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        ("attachedTemplate", "https://evil.example/a.dotm"),
        ("attachedTemplate", "file://evil.example/share/a.dotm"),
        ("attachedTemplate", "file:///\\\\evil.example\\share\\a.dotm"),
        ("attachedTemplate", "\\\\evil.example\\share\\a.dotm"),
        ("attachedTemplate", "//evil.example/a.dotm"),
        ("attachedTemplate", "C:\\\\evil.example"),
        ("attachedTemplate", "%5C%5Cevil.example%5Ca.dotm"),
        ("image", "https://evil.example/pixel.png"),
        ("image", "file://evil.example/share/a.png"),
        ("styles", "https://evil.example/styles.xml"),
        ("mailMergeSource", "https://evil.example/a.csv"),
    ],
)
def test_what_word_would_load_from_elsewhere_is_refused(kind, target):
    content = word(settings=relationship(f"{OFFICE}/{kind}", target, outside=True))

    assert "from somewhere else" in refusal(content, "cv.docx")


def test_linked_ole_object_is_refused():
    content = word(rels=relationship(f"{OFFICE}/oleObject", "https://evil.example/a.xls", outside=True))

    with pytest.raises(Refused):
        check(upload(content, "cv.docx"), kinds=ALL)


@pytest.mark.parametrize(
    "content",
    [
        word(),
        word(rels=relationship(f"{OFFICE}/hyperlink", "https://ana.example/vbaProject", outside=True)),
        word(rels=relationship(f"{STRICT}/hyperlink", "mailto:ana@mail.example", outside=True)),
        word(rels=relationship(f"{OFFICE}/image", "media/a.png"), parts={"word/media/a.png": b"\x89PNG\r\n\x1a\n"}),
        word(settings=relationship(f"{OFFICE}/attachedTemplate", "file:///C:\\Users\\Ana\\CV.dotx", outside=True)),
        word(settings=relationship(f"{OFFICE}/attachedTemplate", "C:/Templates/CV.dotx", outside=True)),
        word(settings=relationship(f"{OFFICE}/attachedTemplate", "Normal.dotm", outside=True)),
        word(parts={"word/vbaProject.txt": b"about macros"}),
    ],
    ids=["plain", "link", "mail link", "picture", "own template", "own template by path", "usual template", "a name"],
)
def test_ordinary_document_is_taken(content):
    assert check(upload(content, "cv.docx"), kinds=ALL) == DOCX


def twice(name: str) -> bytes:
    file = io.BytesIO(word())
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr(name, "<Types/>")
    return file.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        twice("[content_types].xml"),
        twice("word\\document.xml"),
        word(parts={"a.rels": b"<Relationships"}),
        word(parts={"a.rels": b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}),
        word(parts={"a.rels": '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a><a/>'.encode("utf-16")}),
        word(parts={"a.rels": b" " * (3 * 2**20)}),
        word(parts={f"word/{number}": b"" for number in range(3000)}),
    ],
    ids=["two lists of types", "two documents", "cut off", "entities", "document type", "too long", "too many parts"],
)
def test_document_that_two_programs_may_read_differently_is_refused(content):
    with pytest.raises(Refused):
        check(upload(content, "cv.docx"), kinds=ALL)


HOSTILE = {
    "directory": (lambda length: b"PK\x03\x04" + b"PK\x01\x02" + b"\0" * 42 * length, 200_000),
    "many parts": (lambda length: word(parts={f"word/{number}": b"x" for number in range(length)}), 1900),
    "many relationships": (lambda length: word(rels="<Relationship/>" * length), 30_000),
    "long text": (lambda length: word(parts={"word/media/a": b"x" * length}), 60 * 2**20),
}


@pytest.mark.parametrize(("content", "length"), HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_document_takes_no_longer_than_its_length(content, length):
    assert_in_proportion(lambda measured: looking_into(content(measured), "cv.docx"), length=length)


def word_online(
    *, content_type: str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
):
    file = io.BytesIO()
    types = f'<Types><Override PartName="/word/document2.xml" ContentType="{content_type}"/></Types>'
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", types)
        archive.writestr("word/document2.xml", "<w:document/>")
    return file.getvalue()


def test_document_of_word_online_is_taken():
    assert check(upload(word_online(), "cv.docx"), kinds=ALL) == DOCX


@pytest.mark.parametrize(
    "content_type", ["application/xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"]
)
def test_archive_that_says_it_is_something_else_is_no_document(content_type):
    assert "isn't a type of file" in refusal(word_online(content_type=content_type), "cv.docx")
