"""What the tenant publishes about itself: OpenID Connect's metadata and the keys that sign ID tokens."""

from ..tenant import Tenant
from ..web import Request, Response, json_answer


def discovery(tenant: Tenant, request: Request, tenant_id: str) -> Response:
    tenant.check_id(tenant_id)
    host = request.origin
    base = f"{host}/{tenant.configuration.tenant_id}"
    return json_answer(
        {
            "token_endpoint": f"{base}/oauth2/v2.0/token",
            "token_endpoint_auth_methods_supported": [
                "client_secret_post",
                "private_key_jwt",
                "client_secret_basic",
            ],
            "jwks_uri": f"{base}/discovery/v2.0/keys",
            "response_modes_supported": ["query", "fragment", "form_post"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "issuer": f"{base}/v2.0",
            "request_uri_parameter_supported": False,
            "userinfo_endpoint": f"{host}/oidc/userinfo",
            "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
            "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
            "http_logout_supported": True,
            "frontchannel_logout_supported": True,
            "end_session_endpoint": f"{base}/oauth2/v2.0/logout",
            "claims_supported": [
                "sub",
                "iss",
                "cloud_instance_name",
                "cloud_instance_host_name",
                "cloud_graph_host_name",
                "msgraph_host",
                "aud",
                "exp",
                "iat",
                "auth_time",
                "acr",
                "nonce",
                "preferred_username",
                "name",
                "tid",
                "ver",
                "at_hash",
                "c_hash",
                "email",
            ],
            "kerberos_endpoint": f"{base}/kerberos",
            "tenant_region_scope": "EU",
            "cloud_instance_name": "microsoftonline.com",
            "cloud_graph_host_name": "graph.windows.net",
            "msgraph_host": "graph.microsoft.com",
            "rbac_url": "https://pas.windows.net",
        },
        headers={"Cache-Control": "max-age=86400, private", "Access-Control-Allow-Origin": "*"},
    )


def signing_keys(tenant: Tenant, request: Request, tenant_id: str) -> Response:
    tenant.check_id(tenant_id)
    keys = [key.public_jwk(host=request.origin) for key in tenant.keys.keys]
    return json_answer({"keys": keys}, headers={"Cache-Control": "max-age=86400, private"})
