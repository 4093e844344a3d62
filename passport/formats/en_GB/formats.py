"""How the admin writes moments, in lists as on pages: on a clock of 24 hours, with their zone."""

DATE_FORMAT = "j F Y"
TIME_FORMAT = "H:i T"
DATETIME_FORMAT = "j F Y, H:i T"
