from pathlib import Path
from typing import Any

import environ
from gunicorn import glogging

from passport.logs import formatter
from passport.loopback import addresses


class Logger(glogging.Logger):
    """What gunicorn says itself quotes requests, so it is written as the rest of the log: as JSON, without secrets."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(formatter(debug=False))


env = environ.Env()
env.read_env(Path(__file__).with_name(".env"))

port = env.int("PORT", default=8000)
bind = [f"[{address}]:{port}" if ":" in address else f"{address}:{port}" for address in addresses()]
# A thread is taken for as long as its request takes to arrive, so a few slow connections stop everything: only a proxy
# that hands on whole requests may be in front (deploy/nginx). Two times four is what is fastest on two cores.
worker_class = "gthread"
workers = 2
threads = 4
# The answer of the tenant carries a code of more than a kilobyte, and an address may be long.
limit_request_line = 8190
# A process that shows no sign of life for so long is replaced; a request of a living one may take longer.
timeout = 30
graceful_timeout = 20
max_requests = 10_000
max_requests_jitter = 1_000
loglevel = "warning"
logger_class = Logger
# Passport logs requests itself, without tokens, codes and queries.
accesslog = None
control_socket_disable = True
# Whether to believe a proxy is for TRUSTED_PROXY to say, in Django.
forwarded_allow_ips = ""
secure_scheme_headers: dict[str, str] = {}
forwarder_headers = ""
