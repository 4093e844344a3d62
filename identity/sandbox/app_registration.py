"""The application as an administrator has registered it in the tenant."""

from cryptography import x509

from .configuration import Configuration, origin_of


class AppRegistration:
    def __init__(self, configuration: Configuration):
        self.client_certificate = _read_certificate(configuration.client_certificate)
        self.secrets = {configuration.client_id: configuration.client_secret}
        if configuration.graph_client_id not in ("", configuration.client_id):
            self.secrets[configuration.graph_client_id] = configuration.graph_client_secret
        self.move_to(configuration.base_url)

    def move_to(self, base_url: str) -> None:
        self.redirect_uris = [f"{base_url}/auth/complete/entra/", f"{base_url}/sign-in/"]
        self.logout_url = f"{base_url}/auth/front-channel-logout/"

    @property
    def origins(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(origin_of(uri) for uri in self.redirect_uris))


def _read_certificate(path: str) -> x509.Certificate | None:
    if not path:
        return None
    with open(path, "rb") as file:
        return x509.load_pem_x509_certificate(file.read())
