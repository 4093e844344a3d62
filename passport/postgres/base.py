from typing import Any

from passport.kept_connections import base

from . import server


class DatabaseWrapper(base.DatabaseWrapper):
    def get_connection_params(self) -> dict[str, Any]:
        server.use(self.settings_dict["DIRECTORY"], durable=self.settings_dict["DURABLE"])
        return super().get_connection_params()

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """To ask a server whether it runs costs as much as to connect, so it is asked once it was not reached."""
        try:
            return super().get_new_connection(conn_params)
        except self.Database.OperationalError:
            server.ensure_running(self.settings_dict["DIRECTORY"], durable=self.settings_dict["DURABLE"])
            return super().get_new_connection(conn_params)
