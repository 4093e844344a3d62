"""How much is measured: BENCH_VENDORS=2000 BENCH_ROUNDS=3 BENCH_PAGES=search make bench is a quick look."""

from __future__ import annotations

import os

FEW = 1_000
VENDORS = int(os.environ.get("BENCH_VENDORS", "100000"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "15"))
PAGES = os.environ.get("BENCH_PAGES", "")  # of the admin whose names have this regular expression
ROWS = min(10_000, VENDORS // 10)
INVITATIONS = min(1_000, VENDORS // 10)
# Ten minutes have every periodic task that comes more often than once an hour.
IDLE_SECONDS = int(os.environ.get("BENCH_IDLE_SECONDS", "600"))
