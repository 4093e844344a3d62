from ..application import graph_error


def test_batch(app):
    body = {
        "requests": [
            {"id": "1", "method": "GET", "url": "/users?$top=1"},
            {"id": "2", "method": "GET", "url": "/users/nobody"},
            {"id": "3", "method": "GET", "url": "/users", "dependsOn": ["2"]},
        ]
    }

    answers = {part["id"]: part["status"] for part in app.graph("POST", "/$batch", body).json()["responses"]}
    too_many = app.graph("POST", "/$batch", {"requests": [body["requests"][0]] * 21})

    assert answers == {"1": 200, "2": 404, "3": 424}
    assert graph_error(too_many) == (400, "BadRequest")
