"""The time zones that a room may have: the names of the IANA database, alike on every machine.

Python's own list has what the machine's files have as well, `localtime` say, which says nothing to
a browser elsewhere.
"""

from importlib.resources import files

_NO_PLACE = {"Factory", "localtime", "posixrules"}
ZONES = frozenset(files("tzdata").joinpath("zones").read_text("utf-8").split()) - _NO_PLACE
