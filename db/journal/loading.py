"""Puts what opening has found of parts into memory, and what lies elsewhere into parts.

Documents that belong in a part may lie in the snapshot or the journal, as in a backup or in the
files of an earlier version. They are *strays* until their part has adopted them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from db.journal.documents import Document
from db.journal.errors import Corrupt, Mismatch
from db.journal.filed import FiledState, as_filed, first_id
from db.journal.filed_part import FiledPart
from db.journal.format import Journal, encode
from db.journal.part_files import FoundPart, Place, part_header, rest_on
from db.journal.part_list import name_of, reserve_ids
from db.journal.run_writing import Merge
from db.journal.tables import Tables


class Loading:
    """What opening does with parts."""

    def __init__(self, tables: Tables) -> None:
        self._parts, self._listed, self._state = tables.parts, tables.parts.listed, tables.table

    def load(self, found: Iterable[FoundPart]) -> None:
        """Load the documents of parts. `build_indexes` makes the indexes later.

        Raises `Corrupt` if the journal has one of them too, `Mismatch` if no rule puts them there.
        """
        reserve_ids(self._listed.table, self._state)
        for part in found:
            (table, value), documents = part.place, part.documents
            if table in self._parts.filed:
                self._load_filed(part)
                continue
            state, rule = self._state(table), self._parts.rules.get(table)
            if rule is None or any(rule(document) != value for document in documents.values()):
                raise Mismatch(f"the documents of {name_of(part.place)} belong in no such part")
            if not state.documents.keys().isdisjoint(documents):
                raise Corrupt(f"documents of {name_of(part.place)} are in the snapshot, too")
            state.load_part(value, documents)

    def _load_filed(self, part: FoundPart) -> None:
        (table, value), run = part.place, part.run
        if run is not None and (part.documents or not self._parts.is_at_rest(table, value)):
            run.hold()
        filed = self._filed(table)
        filed.present = True
        filed.filed.parts[value] = FiledPart(run, part.documents)

    def strays(self, *, ruled: bool) -> dict[Place, dict[int, Document]]:
        """Return the documents of the journal and its snapshot that belong in parts: those of a
        backup, or of a version without such parts. Call it before `load`.

        ruled: also those that a rule puts in parts; else none can be there
        """
        strays: dict[Place, dict[int, Document]] = defaultdict(dict)
        for table, rule in self._parts.rules.items() if ruled else ():
            for document_id, document in self._state(table).documents.items():
                if (value := rule(document)) is not None:
                    strays[table, value][document_id] = document
        for table, filing in self._parts.filed.items():
            filed = self._filed(table).filed
            for document_id, document in filed.strays.items():
                strays[table, filing.number(document)[0]][document_id] = document
            filed.strays = {}
        return strays

    def stray_earlier(self, found: Iterable[FoundPart]) -> list[FoundPart]:
        """Let the documents of a filed table be strays that an earlier version has put in parts;
        return the other parts.
        """
        kept = []
        for part in found:
            if part.place[0] in self._parts.filed and not self._listed.table.documents[part.id].get(
                "filed"
            ):
                self._filed(part.place[0]).filed.strays.update(part.documents)
                self._listed.drop(part.id, part.journal.last, [])
            else:
                kept.append(part)
        return kept

    def adopt(
        self,
        strays: Mapping[Place, dict[int, Document]],
        found: Iterable[FoundPart],
        sequence: int,
    ) -> list[FoundPart]:
        """Return the parts with the strays in them, as their files are to hold them.

        sequence: the batch without which they don't count
        """
        parts = {part.place: part for part in found}
        for place, documents in strays.items():
            (table, value), part = place, parts.get(place)
            if table in self._parts.filed:
                parts[place] = self._adopt_filed(place, documents, part)
                continue
            self._state(table).sizes[value] += len(documents)
            if part is None:
                part_id, row = self._listed.begin(place, [], filed=False)
                part = FoundPart(part_id, place, Journal.begin(part_header(row["salt"])), {})
            rows = {str(document_id): document for document_id, document in documents.items()}
            journal = part.journal.with_batch([encode({table: rows}), rest_on(sequence)])
            parts[place] = replace(part, journal=journal, documents=part.documents | documents)
        return list(parts.values())

    def _adopt_filed(
        self, place: Place, documents: dict[int, Document], known: FoundPart | None
    ) -> FoundPart:
        """Return a new filed part with some documents, under ids that find them, and with those of
        the part that is known. A crash leaves that part, or the new one.
        """
        table, value = place
        state, filing = self._filed(table), self._parts.filed[table]
        if known is not None:
            self._listed.drop(known.id, known.journal.last, [])
        for document in documents.values():
            state.filed[state.free_id(first_id(*filing.number(document)))] = document
        part_id, row = self._listed.begin(place, [], filed=True)
        journal, part = Journal.begin(part_header(row["salt"])), state.filed.parts[value]
        merge = Merge(part.run, part.since(), filing.count)
        found = FoundPart(part_id, place, journal, {}, lined=False, filed=True)
        return replace(found, adopted=merge, tag=filing.tag)

    def _filed(self, table: str) -> FiledState:
        return as_filed(self._state(table))
