from pathlib import Path

import environ

from passport.loopback import addresses

env = environ.Env()
env.read_env(Path(__file__).with_name(".env"))

port = env.int("PORT", default=8000)
bind = [f"[{address}]:{port}" if ":" in address else f"{address}:{port}" for address in addresses()]
worker_class = "gthread"
workers = 2
threads = 4
# The answer of the tenant carries a code of more than a kilobyte, and an address may be long.
limit_request_line = 8190
graceful_timeout = 20
max_requests = 10_000
max_requests_jitter = 1_000
loglevel = "warning"
control_socket_disable = True
# Whether to believe a proxy is for TRUSTED_PROXY to say, in Django.
secure_scheme_headers: dict[str, str] = {}
forwarder_headers = ""
