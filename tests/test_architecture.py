"""Who may know whom: app → app, package → package, and inside a package domain ← forms, tasks ← views, admin, commands.

The rules are those of docs/architecture.md. What counts as knowing is an import anywhere in a file, also inside a
function, and a string that names something of a higher app: a dotted path, a URL, a template, a table, or the name
under which a model of a higher app hangs on a lower one.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.urls import URLPattern, URLResolver, get_resolver

PROJECT = Path(__file__).resolve().parent.parent
OURS = {"identity", "vendors", "onboarding", "passport", "tests"}
# An app may know those to the right of it.
MAY_KNOW = {
    "onboarding": {"onboarding", "vendors", "identity"},
    "vendors": {"vendors", "identity"},
    "identity": {"identity"},
}
SANDBOX = "identity.sandbox"
SANDBOX_COMMAND = "identity.management.commands.sandbox"
# What typed text and answers are does not depend on where they are kept, so models stand on these.
BELOW_MODELS = ("identity.typed", "identity.encrypted", "vendors.answers")
# Single modules that join what the packages of their app hold; nothing below imports them.
ON_TOP = {"admin", "urls", "management", "tasks", "apps"}
# The wizard's questions are its subject matter, so these know the forms, which are a package below them.
KNOW_FORMS = {"onboarding.draft.steps", "onboarding.draft.progress"}


@dataclass(frozen=True)
class Link:
    """One module or template that knows another, or something of a higher app by its name."""

    knower: str
    known: str
    how: str = "imports"

    def __str__(self) -> str:
        return f"{self.knower} {self.how} {self.known}"


def module_name(path: Path) -> str:
    parts = path.relative_to(PROJECT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def modules() -> dict[str, Path]:
    paths = (path for app in MAY_KNOW for path in (PROJECT / app).rglob("*.py") if "migrations" not in path.parts)
    return {module_name(path): path for path in paths}


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def is_inside(name: str, package: str) -> bool:
    return f"{name}.".startswith(f"{package}.")


def imports_in(module: ast.Module, *, importer: str, is_package: bool = False) -> Iterator[Link]:
    """Every import of something of ours, also inside functions and for types only. `from a import b` names both."""
    package = importer.split(".") if is_package else importer.split(".")[:-1]
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            origin = ".".join([*above, *filter(None, [node.module])])
            names = [f"{origin}.{alias.name}" for alias in node.names]
        else:
            continue
        yield from (Link(importer, name) for name in names if name.partition(".")[0] in OURS)


@cache
def all_imports() -> tuple[Link, ...]:
    return tuple(
        link
        for name, path in modules().items()
        for link in imports_in(tree(path), importer=name, is_package=path.name == "__init__.py")
    )


def module_of(name: str) -> str:
    """The module that a dotted name lies in: `vendors.lifecycle` of `vendors.lifecycle.approve`."""
    while name and name not in modules():
        name = name.rpartition(".")[0]
    return name


# App → app


def app_offence(link: Link) -> str:
    """Why one app must not know the other like this; empty if it may."""
    app, other = link.knower.partition(".")[0], link.known.partition(".")[0]
    if is_inside(link.knower, SANDBOX):
        return "" if is_inside(link.known, SANDBOX) else "the sandbox tenant knows nothing of Passport"
    if is_inside(link.known, SANDBOX):
        return "" if link.knower == SANDBOX_COMMAND else "only its own command knows the sandbox tenant"
    if other not in MAY_KNOW[app]:
        return f"{app} may know {' and '.join(sorted(MAY_KNOW[app]))} only"
    return ""


def test_apps_import_one_way():
    assert [f"{link}: {why}" for link in all_imports() if (why := app_offence(link))] == []


@pytest.mark.parametrize(
    ("importer", "line"),
    [
        ("identity.accounts", "from vendors.models import Vendor"),
        ("identity.sign_in.views", "import onboarding.models"),
        ("vendors.lifecycle", "def late():\n    from onboarding.review import decide"),
        ("vendors.admin.vendor", "from passport.settings import BASE_DIR"),
        ("onboarding.management.commands.demo_data", "from tests.person import Person"),
        ("onboarding.management.commands.demo_data", "from identity.sandbox import client"),
        ("identity.microsoft.graph", "from ..sandbox.client import Client"),
        ("identity.sandbox.server", "from identity import roles"),
        ("identity.sandbox.server", "from ..models import User"),
    ],
)
def test_wrong_import_between_apps_is_found(importer, line):
    assert [link for link in imports_in(ast.parse(line), importer=importer) if app_offence(link)]


@pytest.mark.parametrize(
    ("importer", "line"),
    [
        ("onboarding.review.decide", "from vendors import lifecycle"),
        ("identity.sandbox.server", "from . import authorize, control"),
        (SANDBOX_COMMAND, "from identity.sandbox import __main__ as sandbox"),
        ("vendors.models", "from django.db import models"),
    ],
)
def test_right_import_between_apps_is_no_offence(importer, line):
    assert [link for link in imports_in(ast.parse(line), importer=importer) if app_offence(link)] == []


# Package → package


def package_of(module: str) -> str:
    """`vendors.documents` of `vendors.documents.expiry`; a single module of an app is a package of its own."""
    return ".".join(module.split(".")[:2])


def circles(links: Iterable[Link], *, group=lambda name: name) -> list[list[str]]:
    """The groups that can be reached from themselves (Tarjan)."""
    arrows: dict[str, set[str]] = {}
    for link in links:
        arrows.setdefault(group(link.knower), set()).add(group(link.known))
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(node: str) -> None:
        order[node] = low[node] = len(order)
        stack.append(node)
        for other in sorted(arrows.get(node, ())):
            if other not in order:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], order[other])
        if low[node] == order[node]:
            members = stack[stack.index(node) :]
            del stack[stack.index(node) :]
            if len(members) > 1:
                found.append(sorted(members))

    for node in sorted(arrows):
        if node not in order:
            visit(node)
    return found


def inside_one_app(links: Iterable[Link]) -> list[Link]:
    """Between modules of the same app, with names led back to the modules they lie in."""
    resolved = (Link(link.knower, module_of(link.known)) for link in links)
    return [
        link
        for link in resolved
        if link.known and link.known != link.knower and link.knower.partition(".")[0] == link.known.partition(".")[0]
    ]


def is_own_package(link: Link) -> bool:
    """A package's __init__ that gathers its own modules, or a module that is led back to it."""
    return is_inside(link.known, link.knower) or is_inside(link.knower, link.known)


def test_no_circle_among_packages():
    assert circles(inside_one_app(all_imports()), group=package_of) == []


def test_no_circle_among_modules():
    assert circles(link for link in inside_one_app(all_imports()) if not is_own_package(link)) == []


def test_circle_is_found():
    links = [Link("a.x.one", "a.y.two"), Link("a.y.three", "a.x.four"), Link("a.z.five", "a.x.one")]

    assert circles(links) == []
    assert circles(links, group=package_of) == [["a.x", "a.y"]]


# The plan in docs/architecture.md


def plan(app: str) -> list[str]:
    """Packages and single modules of an app in the order of its table: lower ones first."""
    text = (PROJECT / "docs" / "architecture.md").read_text()
    section = text.split(f"### {app}, from the bottom up\n")[1].split("\n#")[0]
    return re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)


@pytest.mark.parametrize("app", sorted(MAY_KNOW))
def test_plan_names_every_package(app):
    parts = {package_of(name).partition(".")[2] for name in modules() if is_inside(name, app)}

    assert sorted(plan(app)) == sorted(parts - {"", "apps", "management", "sandbox"})


@pytest.mark.parametrize("app", sorted(MAY_KNOW))
def test_packages_stand_on_those_above_them_in_the_plan(app):
    place = {f"{app}.{name}": number for number, name in enumerate(plan(app))}
    pairs = {(package_of(link.knower), package_of(link.known)) for link in inside_one_app(all_imports())}

    assert [
        f"{knower} imports {known}" for knower, known in sorted(pairs) if place.get(knower, 99) < place.get(known, -1)
    ] == []


# Inside an app: models ← domain ← forms, tasks ← views, admin, commands


def annotation(node: ast.expr | None) -> str:
    return ast.unparse(node).strip("'\"") if node is not None else ""


def is_view(node: ast.stmt) -> bool:
    """A function that takes a request first and answers it."""
    if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
        return False
    arguments = node.args.posonlyargs + node.args.args
    takes_request = bool(arguments) and annotation(arguments[0].annotation) == "HttpRequest"
    return takes_request and bool(re.fullmatch(r"(Http|Template|File)Response\w*( \| None)?", annotation(node.returns)))


def bases_of(node: ast.ClassDef) -> set[str]:
    return {ast.unparse(base).partition("[")[0].rpartition(".")[2] for base in node.bases}


def all_made_of(names: set[str]) -> frozenset[str]:
    classes = [node for path in modules().values() for node in tree(path).body if isinstance(node, ast.ClassDef)]
    while more := {node.name for node in classes if bases_of(node) & names} - names:
        names = names | more
    return frozenset(names)


@cache
def page_classes() -> frozenset[str]:
    """Django's and formtools' classes whose instances answer requests, and all of ours that are made of them."""
    return all_made_of({"ModelAdmin", "AdminSite", "View", "NamedUrlWizardView"})


def is_page_class(node: ast.stmt) -> bool:
    return isinstance(node, ast.ClassDef) and bool(bases_of(node) & page_classes())


@cache
def form_classes() -> frozenset[str]:
    return all_made_of({"Form", "ModelForm"})


def holds_forms(module: str) -> bool:
    return any(
        isinstance(node, ast.ClassDef) and bases_of(node) & form_classes() for node in tree(modules()[module]).body
    )


def is_edge(module: str) -> bool:
    """Views, admin pages and commands, by what is in them. Nothing but others of their kind may import them."""
    if {"management", "urls", "middleware"} & set(module.split(".")):
        return True
    return any(is_view(node) or is_page_class(node) for node in tree(modules()[module]).body)


def layer_offence(link: Link) -> str:
    """Why a module must not import another of its app; empty if it may."""
    app = link.knower.partition(".")[0]
    if is_inside(link.knower, SANDBOX) or is_inside(link.knower, f"{app}.management"):
        return ""
    knower, known = (link.knower.split(".") + [""])[1], (link.known.split(".") + [""])[1]
    if knower == "models" != known and not any(is_inside(link.known, package) for package in BELOW_MODELS):
        return "models import nothing that stands on them"
    if known in ON_TOP and knower not in ON_TOP:
        return f"{known} stands on top of its app: nothing below imports it"
    if is_edge(link.known) and not is_edge(link.knower) and knower not in ON_TOP:
        return "views, admin pages and commands are imported by their kind only"
    knows_forms = is_edge(link.knower) or holds_forms(link.knower) or link.knower in KNOW_FORMS or knower in ON_TOP
    if holds_forms(link.known) and not knows_forms and not is_own_package(link):
        return "forms are for views and admin pages"
    return ""


def test_layers_of_an_app():
    links = inside_one_app(all_imports())

    assert [f"{link}: {why}" for link in links if (why := layer_offence(link))] == []


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def page(request: HttpRequest, pk: int) -> HttpResponse: ...", True),
        ("def page(request: HttpRequest) -> HttpResponse | None: ...", True),
        ("def safe_next(request: HttpRequest, url: str) -> str: ...", False),
        ("def _answer(request: HttpRequest) -> HttpResponse: ...", False),
        ("class VendorAdmin(admin.ModelAdmin): ...", True),
        ("class ProfileAdmin(ReadOnlyAdmin): ...", True),
        ("class StepPage(NamedUrlWizardView[Form]): ...", True),
        ("class Vendor(models.Model): ...", False),
    ],
)
def test_views_are_found_by_what_they_are(source, expected):
    node = ast.parse(source).body[0]

    assert (is_view(node) or is_page_class(node)) is expected


# Strings that name something of a higher app


# Pages of the site as a whole, which every app may lead to.
SITE_WIDE = {
    "home",
    "help-signing-in",
    "help-your-data",
    "admin:index",
    "admin:login",
    "admin:logout",
    "admin:app_list",
    "admin:jsi18n",
}


def higher(app: str) -> set[str]:
    return {*MAY_KNOW, "passport"} - MAY_KNOW[app]


@cache
def url_names() -> dict[str, str]:
    """Every URL name with its namespaces, and the app whose view answers it."""
    names: dict[str, str] = {}

    def walk(resolver: URLResolver, namespaces: tuple[str, ...]) -> None:
        for entry in resolver.url_patterns:
            if isinstance(entry, URLResolver):
                walk(entry, (*namespaces, entry.namespace) if entry.namespace else namespaces)
            elif isinstance(entry, URLPattern) and entry.name:
                name = ":".join([*namespaces, entry.name])
                of_model = re.match(rf"admin:({'|'.join(MAY_KNOW)})_", name)
                module = getattr(entry.callback, "__module__", "")
                names[name] = of_model[1] if of_model else module.partition(".")[0]

    walk(get_resolver(), ())
    return names


@cache
def names_on_lower_models(app: str) -> dict[str, str]:
    """Under which names models of higher apps hang on models of this one: `submissions` on a vendor."""
    names: dict[str, str] = {}
    for model in apps.get_app_config(app).get_models():
        for relation in model._meta.related_objects:
            owner = relation.related_model._meta.app_label
            if owner in higher(app) and not relation.hidden:
                names[relation.get_accessor_name()] = owner
                names[relation.field.related_query_name()] = owner
    return names


@cache
def tables(app: str) -> dict[str, str]:
    return {
        model._meta.db_table: other
        for other in higher(app) & set(MAY_KNOW)
        for model in apps.get_app_config(other).get_models()
    }


def templates() -> Iterator[Path]:
    for app in MAY_KNOW:
        yield from (path for path in (PROJECT / app / "templates").rglob("*") if path.is_file())


def owner_of_template(name: str, *, asked_by: str) -> str:
    """A template of one's own is one's own, even if a higher app puts another in its place."""
    for app in (asked_by, *MAY_KNOW):
        if (PROJECT / app / "templates" / name).is_file():
            return app
    return ""


def named_in(text: str, *, app: str) -> Iterator[tuple[str, str]]:
    """What of a higher app this string names, and which app's it is."""
    for name in re.findall(r"[a-z_]+(?::[\w-]+)+", text):
        if name not in SITE_WIDE and (owner := url_names().get(name, "")) in higher(app):
            yield name, owner
    for name, owner in re.findall(r"(/admin/(\w+))/", text):
        if owner in {*higher(app), "person"}:
            yield name, owner
    for name in re.findall(r"[\w/]+\.(?:html|txt)\b", text):
        if (owner := owner_of_template(name, asked_by=app)) in higher(app):
            yield name, owner
    for name in re.findall(rf"(?<![\w.@/-])(?:{'|'.join(higher(app) & set(MAY_KNOW)) or '(?!)'})\.\w[\w.]*", text):
        yield name, name.partition(".")[0]
    for name in re.findall(r"[a-z]+_[a-z_]+", text):
        if name in tables(app):
            yield name, tables(app)[name]
    for name in re.findall(r"^([a-z_]+)__[a-z_]+", text):
        if name in names_on_lower_models(app):
            yield name, names_on_lower_models(app)[name]


def is_docstring(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> bool:
    return isinstance(parents.get(node), ast.Expr)


def strings_in(module: ast.Module, *, app: str) -> Iterator[tuple[str, str]]:
    """What of a higher app a module names in strings, keyword arguments of queries, and attributes of lower models."""
    parents = {child: node for node in ast.walk(module) for child in ast.iter_child_nodes(node)}
    hanging = names_on_lower_models(app)
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and not is_docstring(node, parents):
            yield from named_in(node.value, app=app)
        elif isinstance(node, ast.keyword) and node.arg and node.arg.partition("__")[0] in hanging and "__" in node.arg:
            yield node.arg, hanging[node.arg.partition("__")[0]]
        elif isinstance(node, ast.Attribute) and node.attr in hanging and looks_like_a_row(node.value):
            yield node.attr, hanging[node.attr]


def looks_like_a_row(node: ast.expr) -> bool:
    """`vendor.submissions`, `self.vendor.draft`; not `module.draft`."""
    return ast.unparse(node).rpartition(".")[2] in {
        "vendor",
        "user",
        "account",
        "document",
        "change",
        "invitation",
        "obj",
    }


def test_no_string_names_a_higher_app():
    links = [
        Link(name, named, "names")
        for name, path in modules().items()
        for named, _owner in strings_in(tree(path), app=name.partition(".")[0])
        if not is_inside(name, SANDBOX)
    ]
    links += [
        Link(str(path.relative_to(PROJECT)), named, "names")
        for path in templates()
        for named, _owner in named_in(without_comments(path.read_text()), app=path.relative_to(PROJECT).parts[0])
    ]

    assert [str(link) for link in links] == []


def without_comments(template: str) -> str:
    return re.sub(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}", "", template, flags=re.DOTALL)


@pytest.mark.parametrize(
    ("app", "text"),
    [
        ("vendors", "onboarding:index"),
        ("vendors", "{% url 'changes:step' step='about' %}"),
        ("vendors", "onboarding/step.html"),
        ("vendors", "onboarding.tasks.mail_reminder"),
        ("vendors", "UPDATE onboarding_submission SET"),
        ("vendors", "submissions__state"),
        ("identity", "admin:vendors_vendor_change"),
        ("identity", "vendors.view_vendor"),
        ("identity", "admin:person"),
        ("identity", "https://passport.example.com/admin/person/1/"),
    ],
)
def test_string_that_names_a_higher_app_is_found(app, text):
    assert list(named_in(text, app=app))


@pytest.mark.parametrize(
    ("app", "text"),
    [
        ("onboarding", "vendors:profile"),
        ("vendors", "admin:vendors_vendor_change"),
        ("vendors", "The vendor is onboarding."),
        ("identity", "identity:sign-in"),
    ],
)
def test_other_strings_are_no_offence(app, text):
    assert list(named_in(text, app=app)) == []


def test_attribute_of_a_higher_app_is_found():
    assert list(strings_in(ast.parse("latest = vendor.submissions.first()"), app="vendors"))
    assert list(strings_in(ast.parse("Vendor.objects.filter(submissions__state='sent')"), app="vendors"))


# Tests mirror the packages


@pytest.mark.parametrize("app", sorted(MAY_KNOW))
def test_tests_mirror_the_packages(app):
    folders = {path.parent.name for path in (PROJECT / "tests" / app).glob("*/test_*.py")}
    packages = {path.parent.name for path in (PROJECT / app).glob("*/__init__.py")}

    assert folders - packages == set()


# How big a module may be

MOST_LINES = 400
CATALOGUES = {"identity.failures.reasons", "vendors.answers.postal_codes"}


def test_no_module_is_too_long():
    long = {name: len(path.read_text().splitlines()) for name, path in modules().items() if name not in CATALOGUES}

    assert {name: lines for name, lines in long.items() if lines > MOST_LINES} == {}


def test_no_line_of_a_template_is_too_long():
    paths = [
        *templates(),
        *(PROJECT / "passport" / "templates").rglob("*.html"),
        *(PROJECT / SANDBOX.replace(".", "/")).rglob("*.html"),
    ]
    long = [
        f"{path.relative_to(PROJECT)}:{number}"
        for path in paths
        if path.suffix == ".html"
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if len(line) > 160
    ]

    assert long == []
