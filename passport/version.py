"""The version of Passport: CHANGELOG.md says what is new in it."""

VERSION = "1.0.1"
