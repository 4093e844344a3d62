"""Graph's refusals and their envelope."""

import uuid

from ..entra_errors import stamp
from ..web import Response, json_answer


class GraphRefusal(Exception):
    def __init__(self, status: int, code: str, message: str, headers: dict[str, str] | None = None):
        super().__init__(message)
        self.status = status
        self.code = code
        self.headers = headers


def graph_error(status: int, code: str, message: str, *, now: float, headers: dict[str, str] | None = None) -> Response:
    identifier = str(uuid.uuid4())
    inner = {
        "date": stamp(now)[:-1].replace(" ", "T"),
        "request-id": identifier,
        "client-request-id": identifier,
    }
    return json_answer(
        {"error": {"code": code, "message": message, "innerError": inner}},
        status=status,
        headers={"request-id": identifier, **(headers or {})},
    )
