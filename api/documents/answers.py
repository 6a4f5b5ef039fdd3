"""What clients are answered, where it is more than one thing that is kept.

The types are turned into JSON Schema; the tests hold every answer that they see to it.
"""

from datetime import datetime
from typing import Generic, Literal, NotRequired, TypedDict, TypeVar

from voting.barring import Newcomer
from voting.methods import Method, Threshold
from voting.model.polls import Poll, State
from voting.model.rooms import Guest, Room, Row

T = TypeVar("T")


class Page(TypedDict, Generic[T]):
    """A part of a list; `next` is the cursor of the part after it, null at the end."""

    items: list[T]
    next: int | None


class Part(TypedDict, Generic[T]):
    """A part of a list; `next` is the cursor of the part after it, a string where it is sorted."""

    items: list[T]
    next: int | str | None


class FieldFault(TypedDict):
    """One thing wrong with a body or a query: a dotted path, "" the whole, cut with "…" where it is
    longer than 80 letters; a code that stays.
    """

    field: str
    code: str
    detail: str


class RollColumn(TypedDict):
    """A column of a file, and which field it is; null for a free one, and for an ignored one."""

    called: str
    field: Literal["name", "email", "ref", "role"] | None
    ignored: bool


class RollFileRead(TypedDict):
    """How a roll's file was read: `guessed` that its bytes don't tell the encoding."""

    encoding: str
    guessed: bool
    names: list[str]
    columns: list[RollColumn]


class Problem(TypedDict):
    """A refusal (RFC 9457). `code` never changes; `detail` is for people, in their language.
    `errors` are the first 20 faults of the request; `more` is true where there are others.
    `file` says how a roll's file was read, where its faults are beyond its encoding.
    """

    type: str
    title: str
    status: int
    code: str
    detail: str
    errors: NotRequired[list[FieldFault]]
    more: NotRequired[bool]
    state: NotRequired[str]
    server_time: NotRequired[datetime]
    retry_after: NotRequired[int]
    request_id: NotRequired[str]
    file: NotRequired[RollFileRead]


class NewUser(TypedDict):
    """An account as signing up makes it."""

    id: int
    email: str
    name: str


class User(NewUser):
    """An account as its owner sees it."""

    administrator: bool


class SignUpRules(TypedDict):
    """Who may sign up, and how many letters a password has, at least and at most."""

    signup: Literal["open", "invite", "closed"]
    password_min: int
    password_max: int


class RoomHolder(TypedDict):
    """Whose token it is that is good in one room: a row `r31` or a guest `g5`."""

    person: str


class SignIn(TypedDict):
    """A session that has begun."""

    token: str
    expires_at: datetime
    user: User


class UserChanged(User):
    """The account; a new session only where the password is a new one."""

    token: NotRequired[str]
    expires_at: NotRequired[datetime]
    user: NotRequired[User]


class NewInvitation(TypedDict):
    """An invitation; its code is told this once."""

    id: int
    code: str
    uses: int
    expires_at: datetime


class ResetCode(TypedDict):
    """A one-time code, told this once."""

    code: str
    expires_at: datetime


class ScreenToken(TypedDict):
    """A token for screens, which see what a stranger sees."""

    token: str
    expires_at: datetime


class TokenState(TypedDict):
    """A token that is good."""

    valid: Literal[True]
    user: User | RoomHolder
    expires_at: datetime


class GuestSignIn(TypedDict):
    """A guest's session, good in one room."""

    token: str
    expires_at: datetime
    guest: Guest


class Claim(TypedDict):
    """A row that was claimed; with a token where no account asked."""

    row: Row
    token: NotRequired[str]
    expires_at: NotRequired[datetime]


class ClaimCode(TypedDict):
    """A row's one-time code, told this once."""

    id: int
    name: str
    ref: str | None
    code: str


class ClaimCodes(TypedDict):
    """The codes that were made."""

    items: list[ClaimCode]


class RollChange(TypedDict):
    """How many rows an import changes; `encoding` of a file. A preview (`dry_run`) tells also
    whether the encoding is a guess, the first names, the file's columns, and the first 12 names of
    those who would go.
    """

    added: int
    changed: int
    removed: int
    encoding: str | None
    guessed: NotRequired[bool]
    names: NotRequired[list[str]]
    columns: NotRequired[list[RollColumn]]
    removed_names: NotRequired[list[str]]


class Attended(TypedDict):
    """When somebody was in a room, and how long in all."""

    person: str
    name: str
    first: datetime
    last: datetime
    seconds: int


class Person(TypedDict):
    """Somebody who is online in a room, with how many connections, since when."""

    id: str
    name: str
    role: str
    status: Literal["online", "away"]
    connections: int
    since: datetime


class QuorumNow(TypedDict):
    """How many have to be present and are; null where there is no quorum."""

    required: int | None
    present: int
    met: bool | None


class PresencePage(TypedDict):
    """Who is there. `people` is null for strangers, `next` the cursor of more of them."""

    online: int
    present: int
    quorum: QuorumNow
    people: list[Person] | None
    next: str | None


class Author(TypedDict):
    """Who wrote, and what they were called then."""

    id: str
    name: str


class SystemMessage(TypedDict):
    """What a line of chat tells by itself; clients word it."""

    code: Literal["arrived", "left"]
    name: str
    online: int


class ChatMessage(TypedDict):
    """One line of a room's chat."""

    id: int
    room: str
    author: Author
    text: str
    sent_at: datetime
    system: SystemMessage | None


class Messages(TypedDict):
    """A part of the chat, newest last."""

    items: list[ChatMessage]


class Cast(TypedDict):
    """A ballot that is on disk; `changed` tells that it took another's place."""

    receipt: str
    poll: int
    changed: bool
    server_time: datetime


class OwnBallot(TypedDict):
    """That one has voted; what, only where the poll is named."""

    poll: int
    voted: Literal[True]
    choices: NotRequired[list[int]]
    scores: NotRequired[dict[str, int]]
    receipt: NotRequired[str]


class TallyRow(TypedDict):
    """A candidate's votes: marks, points or first preferences.

    `passed` is null until the close decides whether they pass the threshold.
    """

    candidate: int
    name: str
    votes: int
    share: float
    passed: bool | None


class Round(TypedDict):
    """A round of a run-off: votes by candidate, who leaves, who are level."""

    votes: dict[str, int]
    exhausted: int
    eliminated: list[int]
    tied: list[int]


class Results(TypedDict):
    """A poll's results. Keep the one with the greatest (`epoch`, `version`). Hidden is null."""

    poll: int
    state: State
    epoch: int
    version: int
    method: Method
    ballots: int
    blank: int | None
    eligible: int | None
    turnout: float | None
    tally: list[TallyRow] | None
    winners: list[int] | None
    tied: list[int] | None
    rounds: list[Round] | None
    threshold: Threshold | None
    digest: str | None
    server_time: datetime


class Outcome(TypedDict):
    """What a count gives."""

    ballots: int
    blank: int
    votes: dict[str, int]
    passed: dict[str, bool]
    winners: list[int]
    tied: list[int]
    rounds: list[Round] | None


class Recount(Outcome):
    """What a closed poll's ballots decide by another rule."""

    poll: int
    rule: Literal["schulze"]


class Question(TypedDict):
    """What was asked."""

    title: str
    description: str


class RecordRules(TypedDict):
    """By what a poll was counted."""

    seats: int
    max_choices: int | None
    score_max: int
    threshold: Threshold | None
    present: int | None
    eligible: int | None


class RecordCandidate(TypedDict):
    """Something that could be voted for."""

    id: int
    name: str
    description: str


class RecordBallot(TypedDict):
    """One ballot, by its receipt."""

    receipt: str
    choices: NotRequired[list[int]]
    scores: NotRequired[dict[str, int]]


class Record(TypedDict):
    """All that is needed to count a closed poll again; `names` by receipt."""

    poll: int
    question: Question
    method: Method
    rules: RecordRules
    candidates: list[RecordCandidate]
    ballots: list[RecordBallot]
    result: Outcome
    digest: str
    names: dict[str, str] | None


class Voter(TypedDict):
    """Somebody who may vote, and whether they have."""

    id: str
    name: str
    voted: bool


class Turnout(TypedDict):
    """How many have voted of how many; who, where that tells no ballot."""

    voted: int
    eligible: int | None
    people: list[Voter] | None


class Newcomers(TypedDict):
    """Accounts made since a poll opened, the newest last."""

    items: list[Newcomer]


class CandidateVotes(TypedDict):
    """A candidate as the existing frontends read it."""

    id: int
    name: str
    voteCount: int


class Health(TypedDict):
    """How the server is."""

    status: Literal["up", "ready"]


class Chance(TypedDict):
    """Whether one has voted in a poll, and whether one can; `reason` is the refusal's code."""

    voted: bool
    can_vote: bool
    reason: str | None


class You(TypedDict):
    """Who one is in a room, and what one may do in its polls, by their ids."""

    person: str | None
    role: Literal["host", "voter", "observer", "guest", "visitor", "stranger"]
    polls: dict[str, Chance]


class Presence(TypedDict):
    """A room's presence as one joins; diffs count on from `seq`."""

    seq: int
    online: int
    present: int
    quorum: QuorumNow
    people: list[Person] | None


class Snapshot(TypedDict):
    """All of a room as one sees it."""

    server_time: datetime
    you: You
    room: Room
    presence: Presence
    polls: list[Poll]
    results: dict[str, Results]
    messages: list[ChatMessage]


class PresenceDiff(TypedDict):
    """Who came and went since the diff before; null where one may not know, or they are many."""

    room: str
    seq: int
    joins: list[Person] | None
    leaves: list[str] | None
    online: int
    present: int
    quorum: QuorumNow


class YouChanged(You):
    """What one may do has changed."""

    room: str


class Credentials(TypedDict, total=False):
    """What a connection begins with: a session's token, and the language of `detail`."""

    token: str | None
    lang: str


class ConnectError(TypedDict):
    """Why a connection is refused: `message` is the problem's code."""

    message: str
    data: Problem


class Line(TypedDict):
    """What somebody said, in the dialect of an old client."""

    userid: str
    data: str


class Ping(TypedDict):
    """A ping that a server sent for an old page: its number, from 0, and how long it took."""

    data1: int
    data: str


class PollDeleted(TypedDict):
    """A draft that is no more."""

    id: int
    room: str


class RoomDeleted(TypedDict):
    """A room that is no more."""

    code: str


class SessionEnded(TypedDict):
    """Why the connection ends for good."""

    code: str


class Sample(TypedDict):
    """One of a connection check's questions, to be acked at once."""

    n: int
    of: Literal[5]
    sent_at: datetime


class Spread(TypedDict):
    """Milliseconds; null where no sample was acked."""

    min: float | None
    median: float | None
    max: float | None


class Report(TypedDict):
    """What a connection check found."""

    rtt_ms: Spread


class Sent(TypedDict):
    """A line of chat that is kept."""

    id: int
