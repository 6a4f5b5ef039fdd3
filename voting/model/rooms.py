"""Rooms, rolls, guests, attendance and chat."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal, NotRequired, TypedDict, final

from voting.model.persons import person_id
from voting.verdicts import QuorumRule

Role = Literal["host", "voter", "observer"]
Part = Literal["host", "voter", "observer", "guest", "visitor", "stranger"]
"""A role on the roll, or what a person without a row is in a room."""
Move = Literal["arrived", "left"]
Visibility = Literal["public", "unlisted", "members"]
"""Who may see a room: everybody, and it is in lists; everybody who has its code; members alone."""


COLUMNS, COLUMN_LETTERS, CELL_LETTERS = 20, 40, 200
"""Free columns of a row, the letters of a column's name and of a cell."""


ROLL_COLUMNS = 50
"""Free columns of all rows of a roll."""


PRIVATE: Any = {"private": True}
"""Metadata of a field that is never sent to clients."""


@final
class QuorumCount(TypedDict):
    """A quorum by number: at least, or `more_than`, this many must be present."""

    count: int
    rule: NotRequired[Literal["more_than", "at_least"]]


@final
class QuorumShare(TypedDict):
    """A quorum by share: at least, or `more_than`, `num` / `den` of the eligible must be
    present.
    """

    num: int
    den: int
    rule: NotRequired[Literal["more_than", "at_least"]]


@dataclass(frozen=True)
class Room:
    """A place where people meet and vote; `current_poll` is what phones and the screen show.

    `meeting` is the meeting that is going on, None between meetings. `generation` grows when the
    tokens of its screens end. `expires_at` is when a guest host's room is removed, unless an
    account has become its host before.
    `guests` is whether people may join by a nickname: in a room for members only by a link with
    `guest_key`, which is None until a host makes one.
    `mute_minutes` is how long people stay muted in its chat, None until a host ends it.
    `embed_origins` are the sites that may show its tally in a frame. Pages show the room in tones
    of `colour`, and with `logo`, the key of one of its pictures.
    """

    id: int = field(metadata=PRIVATE)
    code: str
    name: str
    visibility: Visibility
    current_poll: int | None = None
    quorum: QuorumCount | QuorumShare | None = None
    quorum_rule: QuorumRule = "record"
    trust_email: bool = False
    hold_minutes: int = 30
    timezone: str = "Asia/Seoul"
    guests: bool = True
    mute_minutes: int | None = None
    embed_origins: tuple[str, ...] = ()
    colour: str | None = None
    logo: str | None = None
    meeting: int | None = None
    expires_at: datetime | None = None
    generation: int = field(default=0, metadata=PRIVATE)
    guest_key: str | None = field(default=None, metadata=PRIVATE)

    @property
    def is_open(self) -> bool:
        """Whether everybody who has its code may see it."""
        return self.visibility != "members"

    @property
    def guest_link(self) -> bool:
        """Whether a host has made a link for guests."""
        return self.guest_key is not None

    @property
    def admits_guests(self) -> bool:
        """Whether guests may be in it."""
        return self.guests and (self.is_open or self.guest_link)

    @property
    def person(self) -> str:
        """The room's screens as a person."""
        return person_id("s", self.id)


@dataclass(frozen=True)
class Picture:
    """A picture that a host has uploaded to a room, as the server made it anew.

    key: 32 random hex digits, which its address has: everybody who has the address may see it
    data: a JPEG file in Base64
    """

    id: int = field(metadata=PRIVATE)
    room: str = field(metadata=PRIVATE)
    key: str
    data: str
    made_at: datetime


@dataclass(frozen=True)
class Row:
    """One of a room's roll: a voter, whatever account or device claims it.

    `columns` are free columns of the host's file: what each is called, and the cell.
    `code` is the SHA-256 of its one-time claim code; `generation` grows when its room sessions
    end.
    """

    id: int
    room: str = field(metadata=PRIVATE)
    name: str
    email: str | None = None
    ref: str | None = None
    role: Role = "voter"
    columns: dict[str, str] = field(default_factory=dict)
    account: int | None = field(default=None, metadata=PRIVATE)
    claimed: bool = False
    checked_in: bool = False
    code: str | None = field(default=None, metadata=PRIVATE)
    generation: int = field(default=0, metadata=PRIVATE)

    @property
    def person(self) -> str:
        """The row as a person."""
        return person_id("r", self.id)

    @property
    def voter(self) -> str:
        """The voter: the row, whatever account or device claims it."""
        return f"roll:{self.id}"

    @property
    def claimant(self) -> str | None:
        """The account that has claimed it, as a person."""
        return None if self.account is None else person_id("u", self.account)


@dataclass(frozen=True)
class RemovedRow:
    """A removed row, with all its fields in `kept`. If it is restored, or added again with the same
    ref or email, it is the same voter.
    """

    id: int
    room: str
    kept: dict[str, Any]
    removed_at: datetime | None = None


@dataclass(frozen=True)
class Bar:
    """An account or a guest that may not vote in a room. `who` is its key in bars."""

    id: int = field(metadata=PRIVATE)
    room: str = field(metadata=PRIVATE)
    who: str = field(metadata=PRIVATE)
    person: str
    barred_at: datetime


@dataclass(frozen=True)
class Mute:
    """Somebody who may not write in a room's chat. `who` is their key in mutes.

    ends_at: when it ends by itself; None if only a host ends it
    """

    id: int = field(metadata=PRIVATE)
    room: str = field(metadata=PRIVATE)
    who: str = field(metadata=PRIVATE)
    person: str
    muted_at: datetime
    ends_at: datetime | None = None


@dataclass(frozen=True)
class Guest:
    """A person with a nickname and no account, in one room."""

    id: int
    room: str = field(metadata=PRIVATE)
    nickname: str
    made_at: datetime = field(metadata=PRIVATE)

    @property
    def person(self) -> str:
        """The guest as a person."""
        return person_id("g", self.id)

    @property
    def voter(self) -> str:
        """The voter in polls for anyone."""
        return f"guest:{self.person}"


@dataclass(frozen=True)
class Attendance:
    """When somebody was in a meeting. `who` is `r3` for a row whatever device, else the person.

    `meeting` is None between meetings: the record then says only when somebody was online.
    `since_at` is when the present connections began; `left` that they went for good, or were
    checked out; `checked_in` that a host saw them.
    """

    id: int
    room: str
    who: str
    name: str
    first_at: datetime
    last_at: datetime
    seconds: int = 0
    since_at: datetime | None = None
    left: bool = False
    checked_in: bool = False
    meeting: int | None = None

    @property
    def who_key(self) -> str:
        return who_key_of(self.room, self.meeting, self.who)

    def seconds_until(self, now: datetime) -> int:
        """Return for how many seconds the person has been connected in all."""
        connected = 0 if self.since_at is None else int((now - self.since_at).total_seconds())
        return self.seconds + max(0, connected)  # the clock may have been set back

    def ended(self, now: datetime, *, left: bool) -> "Attendance":
        """Return the attendance without connections from now on."""
        last = now if self.since_at is not None or left else min(self.last_at, now)
        seconds, first = self.seconds_until(now), min(self.first_at, last)
        return replace(
            self, seconds=seconds, first_at=first, since_at=None, last_at=last, left=left
        )


def who_key_of(room: str, meeting: int | None, who: str | None) -> str:
    """Return the key of somebody's attendance of a meeting, or between meetings."""
    return f"{room}/{who}" if meeting is None else f"{room}/{meeting}/{who}"


@dataclass(frozen=True)
class Message:
    """One line of a room's chat. `author` is a person, and `name` their name at that time.

    role: what they were in the room then; None in a line of the room's own, or of a version that
    did not keep it
    move: set if the line is the room's own: they arrived, or left
    online: how many were online after that
    key: recognises a line that is sent again
    removed_at, removed_by: when a host has removed the line, and which; its text is gone then
    """

    id: int
    room: str
    author: str
    name: str
    text: str
    sent_at: datetime
    move: Move | None = None
    online: int | None = None
    key: str | None = field(default=None, metadata=PRIVATE)
    removed_at: datetime | None = None
    removed_by: str | None = None
    role: Part | None = None

    @property
    def sent_key(self) -> str | None:
        return None if self.key is None else sent_key_of(self.room, self.author, self.key)


def sent_key_of(room: str, author: str, key: str) -> str:
    """Return the key under which a line's own key is stored: that of its author, in one room."""
    return f"{room}/{author}/{key}"
