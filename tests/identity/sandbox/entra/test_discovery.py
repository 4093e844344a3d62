def test_metadata_and_keys(sandbox, app):
    base = f"{sandbox.url}/{sandbox.tenant_id}"
    metadata = app.http.get(f"{base}/v2.0/.well-known/openid-configuration", timeout=10).json()
    keys = app.published_keys()

    assert metadata["issuer"] == f"{base}/v2.0"
    assert metadata["token_endpoint"] == f"{base}/oauth2/v2.0/token"
    assert "code_challenge_methods_supported" not in metadata
    assert metadata["jwks_uri"] == app.keys_url
    assert len(keys) == 2
    for key in keys:
        assert key["kid"] == key["x5t"]
        assert "alg" not in key
        assert key["issuer"] == f"{sandbox.url}/{{tenantid}}/v2.0"
        assert key["x5c"]
