"""Durable tasks about Passport as a whole."""

from __future__ import annotations

from procrastinate.contrib.django import app

from passport.self_check import daily


@app.periodic(cron="5 * * * *")
@app.task(queue="upkeep", queueing_lock="self_check")
def self_check(timestamp: int) -> None:
    """Once a day; when it is due is kept in a table."""
    daily.run_if_due()
