from typing import Any

from django.db.backends.postgresql import base

from . import server


class DatabaseWrapper(base.DatabaseWrapper):
    def get_connection_params(self) -> dict[str, Any]:
        server.ensure_running(self.settings_dict["DIRECTORY"], durable=self.settings_dict["DURABLE"])
        return super().get_connection_params()
