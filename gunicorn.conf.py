from pathlib import Path
from typing import Any

import environ
from gunicorn import glogging

from passport import logs
from passport.loopback import addresses
from passport.metrics import slots

env = environ.Env()
env.read_env(Path(__file__).with_name(".env"))

debug = logs.is_debug()
logs.take_over(debug=debug)
loglevel = "warning" if debug else "info"


class logger_class(glogging.Logger):
    """gunicorn's lines go where all others go. Requests have theirs from passport/requests_log.py."""

    def setup(self, cfg: Any) -> None:
        self.cfg = cfg
        self.loglevel = self.LOG_LEVELS[cfg.loglevel]
        self.error_log.setLevel(self.loglevel)
        self.error_log.propagate = True


port = env.int("PORT", default=8000)
bind = [f"[{address}]:{port}" if ":" in address else f"{address}:{port}" for address in addresses()]
# A thread is taken for as long as its request takes to arrive, so a few slow connections stop everything: only a proxy
# that hands on whole requests may be in front (deploy/nginx). Two times four is what is fastest on two cores.
worker_class = "gthread"
workers = 2
threads = 4
# Loaded once, before the processes are forked: they share what none of them changes, which is half of it. Nothing may
# be open by then, neither a connection nor a thread nor a file of counts (tests/passport/test_preloading.py).
preload_app = True
# The answer of the tenant carries a code of more than a kilobyte, and an address may be long.
limit_request_line = 8190
# A process that shows no sign of life for so long is replaced; a request of a living one may take longer.
timeout = 30
graceful_timeout = 20
max_requests = 10_000
max_requests_jitter = 1_000
accesslog = None  # see passport/requests_log.py
control_socket_disable = True
# Whether to believe a proxy is for TRUSTED_PROXY to say, in Django.
forwarded_allow_ips = ""
secure_scheme_headers: dict[str, str] = {}
forwarder_headers = ""
# The counts of all processes, for /metrics
slots.prepare()
pre_fork = slots.take
post_fork = slots.settle_in
child_exit = slots.give_back
on_exit = slots.remove
