"""The version of Passport: CHANGELOG.md says what is new in it."""

VERSION = "0.10.0"
