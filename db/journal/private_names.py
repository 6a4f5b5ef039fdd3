"""The private names of TinyDB that the journaled tables override or call, and why.

TinyDB documents custom storages, but these read and write everything at each step. The names below
have no public counterpart. pyproject.toml bounds the version, and a test reports a name that is
gone.
"""

from tinydb.queries import QueryInstance
from tinydb.table import Table

USED = {
    Table: {
        "_get_next_id": "an id that was used is never used again, also after a restart",
        "_read_table": "of all that is stored only this table is read",
        "_update_table": "only the documents that change are written",
    },
    QueryInstance: {"_hash": "`where(unique) == value` is looked up, not searched for"},
}
"""The names by class, and why each is used."""
