"""Lists as Graph answers them: filtered, in pages, with the properties that were selected."""

from typing import Any
from urllib.parse import quote

from ..directory import PRIVATE
from ..web import Request, Response, json_answer
from . import odata_filter
from .errors import GraphRefusal


def selected(item: dict, select: str, default: tuple[str, ...]) -> dict:
    names = [name.strip() for name in select.split(",") if name.strip()] or default
    shown = {name: item.get(name) for name in names if name not in PRIVATE}
    return {"id": item["id"], **shown} if select else shown


def condition_of(request: Request) -> odata_filter.Condition | None:
    if "$filter" not in request.query:
        return None
    try:
        return odata_filter.parse(request.query["$filter"])
    except odata_filter.InvalidFilter as problem:
        raise GraphRefusal(400, "BadRequest", f"Invalid filter clause: {problem}") from None


def collection(request: Request, items: list[dict], *, context: str, default: tuple[str, ...] = ()) -> Response:
    query = request.query
    if condition := condition_of(request):
        items = [item for item in items if condition.met_by(item)]
    try:
        size = int(query.get("$top", "100"))
        start = int(query.get("$skiptoken", "0"))
    except ValueError:
        raise GraphRefusal(400, "BadRequest", "Invalid page size or token.") from None
    if not 1 <= size <= 999:
        raise GraphRefusal(400, "Request_BadRequest", "Invalid page size specified: must be between 1 and 999.")
    shown = items[start : start + size]
    if default:
        shown = [selected(item, query.get("$select", ""), default) for item in shown]
    answer: dict[str, Any] = {"@odata.context": f"{request.origin}/v1.0/$metadata#{context}"}
    if query.get("$count") == "true":
        answer["@odata.count"] = len(items)
    if start + size < len(items):
        kept = [(name, value) for name, value in request.query_pairs if name != "$skiptoken"]
        pairs = [*kept, ("$skiptoken", str(start + size))]
        text = "&".join(f"{quote(name, safe='$')}={quote(value)}" for name, value in pairs)
        answer["@odata.nextLink"] = f"{request.origin}{request.path}?{text}"
    return json_answer(answer | {"value": shown})
