"""A human being with a browser and a mailbox, walking Passport and the sandbox tenant over real HTTP."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urldefrag, urljoin, urlsplit

import requests

from identity.sandbox.client import Client

MOST_REDIRECTS = 20
MOST_LOGIN_PAGES = 15


@dataclass
class Button:
    name: str
    value: str
    text: str = ""
    action: str = ""


@dataclass
class Field:
    name: str
    kind: str
    value: str = ""
    checked: bool = False
    multiple: bool = False
    options: list[tuple[str, bool]] = field(default_factory=list)

    def values(self) -> list[str]:
        """What a browser would send if nobody touched this field."""
        if self.kind in ("checkbox", "radio"):
            return [self.value or "on"] if self.checked else []
        if self.kind == "select":
            chosen = [value for value, selected in self.options if selected]
            if not chosen and self.options and not self.multiple:
                chosen = [self.options[0][0]]
            return chosen
        return [self.value]


@dataclass
class Form:
    id: str
    action: str
    method: str
    enctype: str
    fields: list[Field] = field(default_factory=list)
    buttons: list[Button] = field(default_factory=list)

    @property
    def names(self) -> set[str]:
        return {one.name for one in self.fields}

    def field(self, name: str) -> Field:
        return next(one for one in self.fields if one.name == name)


class _Reader(HTMLParser):
    """Collects forms, links, frames, headings and text."""

    def __init__(self, markup: str):
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.links: list[tuple[str, str]] = []
        self.frames: list[str] = []
        self.title = ""
        self.heading = self.heading_id = ""
        self.headings: list[str] = []
        self.ids: set[str] = set()
        self.invalid: set[str] = set()
        self._text: list[str] = []
        self._is_glued = False
        self._form: Form | None = None
        self._button: Button | None = None
        self._textarea: Field | None = None
        self._select: Field | None = None
        self._option_text: list[str] = []
        self._link: list[str] | None = None
        self._hidden = 0
        self._within: list[str] = []
        self.feed(markup)
        self.close()

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self._text)).strip()

    def handle_starttag(self, tag: str, pairs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in pairs}
        self._is_glued = tag == "bdi"  # a name within a sentence
        if "id" in given:
            self.ids.add(given["id"])
        if given.get("aria-invalid") == "true":
            self.invalid.add(given.get("name", ""))
        if tag in ("script", "style", "template"):
            self._hidden += 1
        elif tag == "form":
            self._form = Form(
                given.get("id", ""),
                given.get("action", ""),
                given.get("method", "get").lower(),
                given.get("enctype", "").lower(),
            )
            self.forms.append(self._form)
        elif tag == "input":
            self._input(given)
        elif tag == "button":
            self._button = Button(given.get("name", ""), given.get("value", ""), action=given.get("formaction", ""))
            form = self._form_of(given)
            if form is not None and given.get("type", "submit") == "submit" and "disabled" not in given:
                form.buttons.append(self._button)
        elif tag == "textarea":
            self._textarea = self._add(Field(given.get("name", ""), "textarea"), given)
        elif tag == "select":
            self._select = self._add(Field(given.get("name", ""), "select", multiple="multiple" in given), given)
        elif tag == "option" and self._select is not None:
            self._option_text = []
            self._select.options.append((given.get("value", "\0"), "selected" in given))
        elif tag == "a" and "href" in given:
            self._link = [given["href"]]
        elif tag == "iframe":
            self.frames.append(given.get("src", ""))
        if tag in ("title", "h1", "h2", "h3"):
            self._within.append(tag)
            self.heading_id = given.get("id", "") if tag == "h1" else self.heading_id
            if tag != "title":
                self.headings.append("")

    def handle_endtag(self, tag: str) -> None:
        self._is_glued = tag == "bdi"
        if tag in ("script", "style", "template"):
            self._hidden = max(0, self._hidden - 1)
        elif tag == "form":
            self._form = None
        elif tag == "button":
            self._button = None
        elif tag == "textarea":
            if self._textarea is not None:
                self._textarea.value = self._textarea.value.removeprefix("\n")
            self._textarea = None
        elif tag == "select":
            self._select = None
        elif tag == "option" and self._select is not None and self._select.options:
            value, selected = self._select.options[-1]
            if value == "\0":
                self._select.options[-1] = ("".join(self._option_text).strip(), selected)
        elif tag == "a" and self._link is not None:
            self.links.append((self._link[0], " ".join("".join(self._link[1:]).split())))
            self._link = None
        if self._within and self._within[-1] == tag:
            self._within.pop()

    def handle_data(self, data: str) -> None:
        if self._hidden:
            return
        if self._textarea is not None:
            self._textarea.value += data
            return
        if "title" in self._within:
            self.title += data
            return
        if self._within:
            self.headings[-1] += data
            if self._within[-1] == "h1":
                self.heading += data
        if self._button is not None:
            self._button.text += data
        if self._link is not None:
            self._link.append(data)
        if self._select is not None:
            self._option_text.append(data)
            return
        if self._is_glued and self._text:
            self._text[-1] += data
        else:
            self._text.append(data)
        self._is_glued = False

    def _input(self, given: dict[str, str]) -> None:
        kind = given.get("type", "text").lower()
        if kind in ("submit", "image"):
            form = self._form_of(given)
            if form is not None and "disabled" not in given:
                value = given.get("value", "")
                form.buttons.append(Button(given.get("name", ""), value, value, given.get("formaction", "")))
        elif kind not in ("button", "reset"):
            self._add(Field(given.get("name", ""), kind, given.get("value", ""), "checked" in given), given)

    def _add(self, one: Field, given: dict[str, str]) -> Field:
        form = self._form_of(given)
        if form is not None and one.name and "disabled" not in given:
            form.fields.append(one)
        return one

    def _form_of(self, given: dict[str, str]) -> Form | None:
        if "form" in given:
            return next((form for form in self.forms if form.id == given["form"]), None)
        return self._form


class Page:
    """What the browser shows after following all redirects."""

    def __init__(self, response: requests.Response, *, url: str, hops: list[requests.Response]):
        self.response = response
        self.url = url
        self.status = response.status_code
        self.hops = hops
        markup = response.text if "html" in response.headers.get("Content-Type", "html") else ""
        self.html = markup
        reader = _Reader(markup)
        self.title = reader.title.strip()
        self.heading = " ".join(reader.heading.split())
        self.heading_id = reader.heading_id
        self.headings = [" ".join(heading.split()) for heading in reader.headings]
        self.ids = reader.ids
        self.invalid = reader.invalid
        self.text = reader.text if markup else response.text
        self.forms = {form.id or f"#{number}": form for number, form in enumerate(reader.forms)}
        self.links = [(urljoin(url, href), text) for href, text in reader.links]
        self.frames = [urljoin(url, source) for source in reader.frames]

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @property
    def origin(self) -> str:
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def query(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(urlsplit(self.url).query).items()}

    @property
    def aadsts(self) -> int | None:
        """The number of Microsoft's error page, if this is one."""
        found = re.search(r"AADSTS(\d+)", self.text)
        return int(found[1]) if found else None

    @property
    def asked(self) -> list[dict[str, str]]:
        """The parameters of each visit to the tenant's authorize endpoint on the way to this page."""
        urls = [urlsplit(hop.headers.get("Location", "")) for hop in self.hops]
        return [
            {name: values[0] for name, values in parse_qs(url.query).items()}
            for url in urls
            if url.path.endswith("/authorize")
        ]

    def link(self, path: str = "", *, named: str = "") -> str:
        """Where a link leads: the one to this path, whatever query it has, or the one with this in its text. Passport's
        texts change, so `named` is for what somebody has named: a file, a vendor.
        """
        links = [href for href, text in self.links if named.lower() in text.lower()]
        wanted = urljoin(self.url, path) if path else ""
        found = [href for href in links if wanted in ("", href)]
        found = found or [href for href in links if re.split(r"[?#]", href)[0] == wanted]
        assert found, f"no link {path or named!r} on {self}: {links}"
        return found[0]

    def __repr__(self) -> str:
        return f"<Page {self.status} {self.url} {self.heading!r} forms={list(self.forms)}>"


class Person:
    """Somebody with an address. `page` is what their browser shows now; every step returns the new page."""

    def __init__(self, address: str, sandbox: Client, *, password: str = "anything will do"):
        self.address = address.lower()
        self.sandbox = sandbox
        self.password = password
        self.page: Page | None = None
        self._read = 0
        self.presses = 0  # of a button or a link, or an address opened
        self.new_browser()

    def new_browser(self) -> None:
        """Go on with another device: no cookies of Passport's, none of the provider's."""
        self.browser = requests.Session()
        self.browser.trust_env = False
        self.browser.headers["User-Agent"] = "Mozilla/5.0 (test person)"
        self.browser.headers["Accept"] = "text/html,application/xhtml+xml"
        self.page = None

    def close_browser(self) -> None:
        """Close the browser and open it again: cookies without a lifetime are gone."""
        for cookie in list(self.browser.cookies):
            if cookie.expires is None:
                self.browser.cookies.clear(cookie.domain, cookie.path, cookie.name)
        self.page = None

    def go(self, url: str, *, headers: dict[str, str] | None = None) -> Page:
        """Open a URL, absolute or relative to the page that is shown."""
        return self._request("GET", urljoin(self.page.url, url) if self.page else url, headers=headers)

    def follow(self, path: str = "", *, named: str = "") -> Page:
        """Click the link to this path, or the one with this in its text."""
        assert self.page is not None
        return self.go(self.page.link(path, named=named))

    def submit(
        self,
        form_id: str = "",
        *,
        button: str | tuple[str, str] | None = None,
        files: dict[str, tuple] | None = None,
        **fields: Any,
    ) -> Page:
        """Fill in a form and send it as a browser would.

        The form is known by its id or by the path that it is sent to. `button` is the name of a button, or its (name,
        value); by default the first one. A field set to None is left out (an unticked box), a list sends several
        values, True ticks a box. Names with dashes go in as `**{"a-b": ...}`.
        """
        form = self.form(form_id)
        pressed = self._button(form, button)
        pairs = self._pairs(form, fields)
        if pressed is not None and pressed.name:
            pairs.append((pressed.name, pressed.value))
        url = urljoin(self.page.url, (pressed.action if pressed else "") or form.action or self.page.url)
        if form.method == "get":
            query = requests.models.RequestEncodingMixin._encode_params(pairs)
            return self._request("GET", f"{url.partition('?')[0]}?{query}")
        headers = {"Referer": urldefrag(self.page.url)[0], "Origin": self.page.origin}
        if form.enctype == "multipart/form-data":
            parts: list[tuple[str, tuple]] = [(name, (None, value)) for name, value in pairs]
            untouched = {one.name for one in form.fields if one.kind == "file"} - set(files or {})
            parts += [(name, ("", b"", "application/octet-stream")) for name in sorted(untouched)]
            parts += list((files or {}).items())
            return self._request("POST", url, files=parts, headers=headers)
        return self._request("POST", url, data=pairs, headers=headers)

    def form(self, form_id: str = "") -> Form:
        assert self.page is not None, "no page is open"
        if not form_id and len(self.page.forms) == 1:
            return next(iter(self.page.forms.values()))
        found = self.page.forms.get(form_id) or next(
            (form for form in self.page.forms.values() if form_id and form.action == form_id), None
        )
        assert found, f"no form {form_id!r} on {self.page}: {self.page.text[:500]}"
        return found

    def read_mail(self, subject_contains: str = "", *, kind: str = "", timeout: float = 15) -> dict:
        """The newest mail with such a subject and of such a kind (as is_of_kind has it), waiting for it if need be."""
        mail = self.sandbox.wait_for_mail(self.address, subject_contains, kind=kind, timeout=timeout)
        self._read = max(self._read, mail["number"])
        return mail

    def read_new_mail(self, subject_contains: str = "", *, kind: str = "", timeout: float = 15) -> dict:
        """As read_mail, but only what came after the last mail that was read."""
        after = self._read
        mail = self.sandbox.wait_for_mail(self.address, subject_contains, kind=kind, after=after, timeout=timeout)
        self._read = mail["number"]
        return mail

    def accept_invitation(self, *, consent: bool = True, timeout: float = 15) -> Page:
        """Press "Accept invitation" in Microsoft's mail and walk through to wherever that ends."""
        mail = self.read_mail("invited you to collaborate", timeout=timeout)
        self.go(mail["accept_url"])
        return self.authenticate(consent=consent)

    def authenticate(self, *, consent: bool = True, account: str = "") -> Page:
        """Walk whatever pages the tenant shows until they are done, or stop at a page that has nothing to
        fill in.

        `account` is whom to sign in as; by default this person.
        """
        account = (account or self.address).lower()
        for _ in range(MOST_LOGIN_PAGES):
            if self.page is None or self.page.origin not in self.sandbox.origins:
                break
            forms = self.page.forms
            if "login-email" in forms:
                self.submit("login-email", loginfmt=account)
            elif "pick-account" in forms:
                known = account in {button.value for button in forms["pick-account"].buttons}
                self.submit("pick-account", button=("account", account if known else "other"))
            elif "login-password" in forms or "login-code" in forms:
                self._give_credentials(account)
            elif "login-mfa" in forms:
                self.submit("login-mfa", button=("mfa", "approve"))
            elif "consent" in forms:
                self.submit("consent", button=("consent", "accept" if consent else "cancel"))
            elif "form-post" in forms:
                self.submit("form-post")
            else:
                break
        assert self.page is not None
        return self.page

    def _give_credentials(self, account: str) -> None:
        form_id = "login-password" if "login-password" in self.page.forms else "login-code"
        if account not in self.page.text.lower():
            self.submit(form_id, button=("action", "other"))
        elif form_id == "login-password":
            before = self.page
            self.submit(form_id, passwd=self.password)
            if "login-password" in self.page.forms and self.page.origin == before.origin:
                raise AssertionError(f"the password was refused: {self.page.text}")
        else:
            self.submit(form_id, otc=self.sandbox.code_for(account))

    def _button(self, form: Form, wanted: str | tuple[str, str] | None) -> Button | None:
        if wanted is None:
            return form.buttons[0] if form.buttons else None
        for button in form.buttons:
            if wanted in (button.name, (button.name, button.value)):
                return button
        raise AssertionError(f"no button {wanted!r} in form {form.id!r}: {form.buttons}")

    def _pairs(self, form: Form, fields: dict[str, Any]) -> list[tuple[str, str]]:
        if missing := set(fields) - form.names:
            raise AssertionError(f"no field {sorted(missing)} in form {form.id!r}, only {sorted(form.names)}")
        pairs: list[tuple[str, str]] = []
        filled: set[str] = set()
        for one in form.fields:
            if one.kind == "file":
                continue
            if one.name not in fields:
                pairs += [(one.name, value) for value in one.values()]
                continue
            if one.name in filled:
                continue
            filled.add(one.name)
            given = fields[one.name]
            if given is True:
                given = one.value or "on"
            if given is None or given is False:
                continue
            for value in given if isinstance(given, list | tuple) else [given]:
                pairs.append((one.name, str(value)))
        return pairs

    def _request(self, method: str, url: str, **details: Any) -> Page:
        self.presses += 1
        url, fragment = urldefrag(url)
        hops: list[requests.Response] = []
        response = self.browser.request(method, url, allow_redirects=False, timeout=60, **details)
        while (target := self._next(response)) and len(hops) < MOST_REDIRECTS:
            hops.append(response)
            url, fragment = urldefrag(urljoin(url, target))
            if response.status_code in (307, 308):
                response = self.browser.request(method, url, allow_redirects=False, timeout=60, **details)
            else:
                response = self.browser.get(url, allow_redirects=False, timeout=60)
        assert len(hops) < MOST_REDIRECTS, f"redirects without end: {[hop.url for hop in hops]}"
        self.page = Page(response, url=f"{url}#{fragment}" if fragment else url, hops=hops)
        return self.page

    def _next(self, response: requests.Response) -> str:
        if response.is_redirect:
            return response.headers["Location"]
        refresh = re.match(r"\d+;\s*url=(.+)", response.headers.get("Refresh", ""))
        if not refresh:
            return ""
        # The frames of the sign-out page are loaded before the browser goes on, as third parties: without
        # cookies.
        for source in Page(response, url=response.url, hops=[]).frames:
            requests.get(source, timeout=30)
        return refresh[1]

    def __repr__(self) -> str:
        return f"<Person {self.address} at {self.page}>"
