"""The version of Passport: CHANGELOG.md says what is new in it."""

VERSION = "0.11.0"
