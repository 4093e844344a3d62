"""The person of the journeys fills in forms as a browser does."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

FORM = """
<h1>Hello</h1>
<form id="f" method="post" action="/sent?a=1" enctype="{enctype}">
  <input type="hidden" name="token" value="t&amp;1">
  <input name="name" value="before">
  <input type="checkbox" name="agree" value="yes">
  <input type="checkbox" name="days" value="mon" checked><input type="checkbox" name="days" value="tue">
  <input type="radio" name="size" value="s"><input type="radio" name="size" value="m" checked>
  <select name="country">
    <option value="">-</option><option value="nl" selected>Netherlands</option><option>Malta</option>
  </select>
  <textarea name="note">
kept</textarea>
  <input name="off" value="x" disabled>
  <input type="file" name="cv"><input type="file" name="other">
  <button name="go" value="back" formaction="/elsewhere">Back</button>
  <button name="go" value="next">Next</button>
</form>
<input form="f" name="outside" value="o">
"""


class Echo(BaseHTTPRequestHandler):
    def do_GET(self):
        self._answer(FORM.format(enctype=self.path.partition("?")[2]))

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self._answer(f"{self.path}\n{self.headers['Origin']}\n{body}", kind="text/plain")

    def _answer(self, text, *, kind="text/html"):
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture
def echo():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_untouched_fields_are_sent_as_they_are(echo, person):
    somebody = person("somebody@mail.example")
    assert somebody.go(f"{echo}/").heading == "Hello"

    page = somebody.submit("f")

    target, origin, body = page.text.split("\n")
    assert (target, origin) == ("/elsewhere", echo)
    assert body == "token=t%261&name=before&days=mon&size=m&country=nl&note=kept&outside=o&go=back"


def test_fields_are_filled_ticked_and_left_out(echo, person):
    somebody = person("somebody@mail.example")
    somebody.go(f"{echo}/")

    page = somebody.submit(
        "f", button=("go", "next"), name="after", agree=True, days=["mon", "tue"], size="s", country="Malta", note=None
    )

    target, _, body = page.text.split("\n")
    assert target == "/sent?a=1"
    assert body == ("token=t%261&name=after&agree=yes&days=mon&days=tue&size=s&country=Malta&outside=o&go=next")


def test_files_are_uploaded_and_empty_ones_sent_empty(echo, person):
    somebody = person("somebody@mail.example")
    somebody.go(f"{echo}/?multipart/form-data")

    text = somebody.submit("f", button=("go", "next"), files={"cv": ("cv.pdf", b"%PDF", "application/pdf")}).text

    assert 'name="cv"; filename="cv.pdf"\r\nContent-Type: application/pdf\r\n\r\n%PDF\r\n' in text
    assert 'name="other"; filename=""' in text
    assert 'name="token"\r\n\r\nt&1\r\n' in text


def test_misspelt_fields_forms_and_buttons_are_errors(echo, person):
    somebody = person("somebody@mail.example")
    somebody.go(f"{echo}/")

    with pytest.raises(AssertionError, match="no field"):
        somebody.submit("f", nmae="x")
    with pytest.raises(AssertionError, match="no form"):
        somebody.submit("g")
    with pytest.raises(AssertionError, match="no button"):
        somebody.submit("f", button="sideways")
