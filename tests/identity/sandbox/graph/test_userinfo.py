def test_userinfo_tells_what_the_token_told(sandbox, app, ana):
    answer = app.token(app.sign_in(ana).query["code"])
    url = f"{sandbox.url}/oidc/userinfo"

    good = app.http.get(url, headers={"Authorization": f"Bearer {answer.json()['access_token']}"}, timeout=10)
    bad = app.http.get(url, timeout=10)

    assert good.json()["sub"] == app.claims(answer)["sub"]
    assert bad.status_code == 401
