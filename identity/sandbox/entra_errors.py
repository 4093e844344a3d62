"""Entra ID's error numbers (AADSTS) and what they say."""

# ruff: noqa: E501  (Microsoft's sentences are long)

import datetime
import uuid

TEXTS = {
    16000: "User account '{account}' from identity provider '{provider}' does not exist in tenant '{organisation}' and cannot access the application '{client_id}'(Passport) in that tenant. The account needs to be added as an external user in the tenant first.",
    50011: "The redirect URI '{redirect_uri}' specified in the request does not match the redirect URIs configured for the application '{client_id}'.",
    50020: "User account '{account}' from identity provider '{provider}' does not exist in tenant '{organisation}' and cannot access the application '{client_id}'(Passport) in that tenant. The account needs to be added as an external user in the tenant first. Sign out and sign in again with a different Azure Active Directory user account.",
    50034: "The user account {account} does not exist in the {tenant_id} directory. To sign into this application, the account must be added to the directory.",
    50057: "The user account is disabled.",
    50058: "A silent sign-in request was sent but no user is signed in.",
    50076: "Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access '{client_id}'.",
    50105: "Your administrator has configured the application Passport ('{client_id}') to block users unless they are specifically granted ('assigned') access to the application. The signed in user '{account}' is blocked because they are not a direct member of a group with access, nor had access directly assigned by an administrator.",
    50126: "Error validating credentials due to invalid username or password.",
    50147: "Invalid size of Code_Challenge parameter.",
    50194: "Application '{client_id}'(Passport) is not configured as a multi-tenant application. Usage of the /common endpoint is not supported for such apps created after '10/15/2018'.",
    53003: "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.",
    500121: "Authentication failed during strong authentication request.",
    501481: "The Code_Verifier does not match the code_challenge supplied in the authorization request.",
    54005: "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.",
    65001: "The user or administrator has not consented to use the application with ID '{client_id}' named 'Passport'. Send an interactive authorization request for this user and resource.",
    65004: "User declined to consent to access the app.",
    70000: "The provided value for the 'code' parameter is not valid.",
    70003: "The app requested an unsupported grant type '{grant_type}'.",
    70008: "The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request for this user and resource.",
    70011: "The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' is not valid.",
    700016: "Application with identifier '{client_id}' was not found in the directory '{organisation}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant.",
    700024: "Client assertion is not within its valid time range.",
    700027: "The certificate with identifier used to sign the client assertion is not registered on application.",
    700054: "response_type 'id_token' is not enabled for the application.",
    7000214: "Certificate has been revoked.",
    7000215: "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{client_id}'.",
    7000218: "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
    7000222: "The provided client secret keys for app '{client_id}' are expired. Visit the Azure portal to create new keys for your app.",
    900144: "The request body must contain the following parameter: '{parameter}'.",
    90002: "Tenant '{tenant_id}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.",
    90013: "Invalid input received from the user.",
    90014: "The required field '{parameter}' is missing from the credential. Ensure that you have all the necessary parameters for the login request.",
}


class Refusal(Exception):
    """A refusal by number; who catches it decides whether it is a page, a redirect or JSON."""

    def __init__(self, number: int, error: str = "", **names: str):
        super().__init__(number)
        self.number = number
        self.error = error
        self.names = names

    def text(self) -> str:
        template = TEXTS.get(self.number, "Sign-in was blocked.")
        return template.format_map(_Blank(self.names))


class _Blank(dict):
    def __missing__(self, key: str) -> str:
        return ""


def stamp(seconds: float) -> str:
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def description(refusal: Refusal, *, now: float, trace: str = "", correlation: str = "") -> str:
    return (
        f"AADSTS{refusal.number}: {refusal.text()}\r\nTrace ID: {trace or uuid.uuid4()}\r\n"
        f"Correlation ID: {correlation or uuid.uuid4()}\r\nTimestamp: {stamp(now)}"
    )
