from tests.passport_fixture import passport, sandbox

__all__ = ["passport", "sandbox"]
