"""All kinds of things that a store keeps."""

from voting.model.accounts import Account, Invitation, Revocation
from voting.model.ballots import Ballot
from voting.model.electorates import Admission, Electorate
from voting.model.log import LogEntry
from voting.model.meetings import Meeting
from voting.model.polls import Candidate, Poll
from voting.model.records import RecordName, RecordTree
from voting.model.rooms import Attendance, Bar, Guest, Message, Mute, Picture, RemovedRow, Room, Row
from voting.model.workers import Lease, Worker

Entity = (
    Account
    | Admission
    | Attendance
    | Ballot
    | Bar
    | Candidate
    | Electorate
    | Guest
    | Invitation
    | Lease
    | LogEntry
    | Meeting
    | Message
    | Mute
    | Picture
    | Poll
    | RecordName
    | RecordTree
    | RemovedRow
    | Revocation
    | Room
    | Row
    | Worker
)
