"""A poll's life: draft → open ⇄ paused → closed, and from all but a draft to void.

This module decides which move is allowed and what it freezes. `ending.py` closes and voids polls.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from voting.acts import log_change, log_opening
from voting.electorate import count_present_for, fix_electorate
from voting.faults import Fault, Invalid
from voting.log import append
from voting.meetings import counts_presence, ensure_meeting, needs_meeting
from voting.methods import Threshold
from voting.model.polls import ENDED, Candidate, Poll, Quorum
from voting.model.rooms import Room
from voting.motions import complete_rules
from voting.people import find_poll, find_room
from voting.pictures import check_pictures
from voting.quorums import count_eligible, quorum_required
from voting.refusals import PollFrozen, WrongState
from voting.store import Store
from voting.text import name_key
from voting.times import changed_times, check_times, is_due, is_missed

COPIED = (
    "title",
    "description",
    "method",
    "seats",
    "max_choices",
    "score_max",
    "eligibility",
    "require_presence",
    "secrecy",
    "results",
    "allow_change",
    "threshold",
    "rule",
)
TIGHTNESS = ("live", "closed", "host")
"""The values of `results`; each shows less than the one before."""

_MOVES = {
    "draft": {"open"},
    "open": {"paused", "closed", "void"},
    "paused": {"open", "closed", "void"},
    "closed": {"void"},
    "void": set[str](),
}


def may_move(poll: Poll, state: str) -> bool:
    """Return whether a poll may move to a state; False if it is in that state already. A poll that
    is being counted counts as closed.

    Raises `WrongState` if it may not.
    """
    present = "closed" if poll.closing else poll.state
    if present != state and state not in _MOVES[present]:
        raise WrongState(state=present)
    return present != state


def draft_poll(room: Room, fields: Mapping[str, Any], language: str = "en") -> Poll:
    """Return a new draft of parsed fields. `language` is that of a motion's candidates.

    Raises `Invalid` if its rules contradict each other.
    """
    rules = {key: value for key, value in fields.items() if key != "candidates"}
    candidates = tuple(Candidate(0, **each) for each in fields.get("candidates", ()))
    draft = Poll(0, room.code, candidates=candidates, **rules)
    return check_rules(complete_rules(draft, fields, language))


def copy_poll(store: Store, room: Room, fields: Mapping[str, Any]) -> Poll:
    """Return a draft that follows another poll of the room, with all or some of its candidates.

    Raises `Invalid` for another room's poll, unknown candidates, and some of a motion's.
    """
    source = store.get(Poll, fields["copy_of"])
    if source is None or source.room != room.code:
        raise Invalid(Fault("copy_of", "unknown_poll"))
    if source.method == "motion" and "candidates" in fields:
        raise Invalid(Fault("candidates", "made_by_server"))
    known = {candidate.id: candidate for candidate in source.candidates}
    wanted = fields.get("candidates", list(known))
    faults = [
        Fault(f"candidates.{position}", "unknown_candidate")
        for position, candidate in enumerate(wanted)
        if candidate not in known
    ]
    if faults:
        raise Invalid(*faults)
    candidates = tuple(replace(known[candidate], id=0) for candidate in dict.fromkeys(wanted))
    kept = {name: getattr(source, name) for name in COPIED}
    draft = Poll(0, room.code, candidates=candidates, follows=source.id, **kept)
    return check_rules(complete_rules(draft, ()))


def change_poll(
    store: Store,
    poll_id: int,
    fields: Mapping[str, Any],
    now: datetime,
    actor: str,
    *,
    language: str = "en",
) -> Poll:
    """Change a draft. In an opened poll only `closes_at` may change, and `results` to show less.

    language: of the candidates of a draft that becomes a motion

    Raises `PollFrozen`, `WrongState` for the `closes_at` of a poll that has ended, or `Invalid`.
    """
    with store.transaction():
        poll = find_poll(store, poll_id)
        if poll.state != "draft":
            _check_frozen(poll, fields)
        if poll.closing or is_due(poll, now):  # in the second case the schedule is late
            raise WrongState(state="closed")
        changes = changed_times(poll, fields)
        check_times(changes, now)
        if "opens_at" in changes or not is_missed(poll, now):  # the clock may have been wrong
            changes["missed_opening"] = False
        if "candidates" in fields:
            changes["candidates"] = tuple(Candidate(0, **each) for each in fields["candidates"])
        changes["tally_shown"] = poll.tally_shown or (
            poll.state != "draft" and poll.results == "live"
        )
        changed = replace(poll, **changes)
        if poll.state == "draft":
            changed = complete_rules(changed, fields, language)
        if "candidates" in fields:
            check_pictures(store, poll.room, changed.candidates)
        changed = store.save(check_rules(changed))
        log_change(store, poll, changed, now, actor)
        return changed


def _check_frozen(poll: Poll, fields: Mapping[str, Any]) -> None:
    """Refuse changes of an opened poll's rules: it never shows more than was promised, and after
    the close it never hides what was shown. Raises `PollFrozen` or `WrongState`.
    """
    if set(fields) - {"closes_at", "results"}:
        raise PollFrozen
    step = TIGHTNESS.index(fields.get("results", poll.results)) - TIGHTNESS.index(poll.results)
    if step < 0 or (step > 0 and poll.state in ENDED):
        raise PollFrozen
    if poll.state in ENDED and "closes_at" in fields:
        raise WrongState(state=poll.state)


def delete_poll(store: Store, poll_id: int) -> None:
    """Delete a draft. Raises `WrongState` for any other."""
    with store.transaction():
        poll = find_poll(store, poll_id)
        if poll.state != "draft":
            raise WrongState(state=poll.state)
        store.remove(poll)


def lacks_key(store: Store, poll: Poll) -> bool:
    """Return whether a draft still needs its key, before the transaction that opens it."""
    return poll.state == "draft" and poll.id not in store.keyed_polls()


def open_poll(store: Store, poll_id: int, now: datetime, actor: str) -> Poll:
    """Open a draft or a paused poll; a draft becomes the poll that its room shows.

    actor: who opens it, for the room's log

    Raises `WrongState`, or `Invalid` if its `closes_at` has passed.
    """
    with store.transaction():
        poll = find_poll(store, poll_id)
        if not may_move(poll, "open"):
            return poll
        if poll.closes_at is not None and poll.closes_at <= now:
            raise Invalid(Fault("closes_at", "in_the_past"))
        room = find_room(store, poll.room)
        if poll.state == "paused":
            if counts_presence(poll):
                ensure_meeting(store, room, now, actor)
            append(store, poll.room, "poll_continued", actor, {"poll": poll.id}, now)
            return store.save(replace(poll, state="open"))
        if needs_meeting(poll, room, now):
            ensure_meeting(store, room, now, actor)
            room = find_room(store, poll.room)
        poll = replace(store.make_poll_key(poll), missed_opening=False, meeting=room.meeting)
        poll = fix_electorate(store, check_rules(complete_rules(poll, ())))
        store.save(replace(room, current_poll=poll.id))
        required = quorum_required(store, room, count_eligible(store, poll))
        present = count_present_for(store, poll, room, now)
        quorum = Quorum(required, present, None, None if required is None else present >= required)
        poll = replace(poll, quorum_rule=room.quorum_rule, quorum=quorum)
        poll = store.save(replace(poll, state="open", opened_at=now))
        log_opening(store, poll, now, actor)
        return poll


def pause_poll(store: Store, poll_id: int, now: datetime, actor: str) -> Poll:
    """Pause an open poll: it accepts no ballots until it is opened again. Raises `WrongState`."""
    with store.transaction():
        poll = find_poll(store, poll_id)
        if not may_move(poll, "paused"):
            return poll
        append(store, poll.room, "poll_paused", actor, {"poll": poll.id}, now)
        return store.save(replace(poll, state="paused"))


def publish_poll(store: Store, poll_id: int, now: datetime, actor: str) -> Poll:
    """Show a closed poll's results to everybody. Raises `WrongState` before the close."""
    with store.transaction():
        poll = find_poll(store, poll_id)
        if poll.state != "closed":
            raise WrongState(state=poll.state)
        if not poll.published:
            data = {"poll": poll.id, "verdict": poll.verdict}
            append(store, poll.room, "results_published", actor, data, now)
        return store.save(replace(poll, published=True))


def check_rules(poll: Poll) -> Poll:
    """Return the poll if its rules don't contradict each other. Raises `Invalid`."""
    faults = []
    if poll.method == "ranked" and poll.seats != 1:
        faults.append(Fault("seats", "too_large", 1))
    if poll.method == "plurality" and poll.max_choices not in (None, 1):
        faults.append(Fault("max_choices", "too_large", 1))
    opens_at = poll.opens_at if poll.state == "draft" else None  # else it may have opened earlier
    if opens_at and poll.closes_at and poll.closes_at <= opens_at:
        faults.append(Fault("closes_at", "in_the_past"))
    if poll.threshold and _is_out_of_reach(poll, poll.threshold):
        faults.append(Fault("threshold", "format"))
    if poll.threshold and poll.threshold["of"] == "eligible" and _lacks_base(poll):
        faults.append(Fault("threshold.of", "not_allowed", ["valid", "cast", "present"]))
    names = [name_key(candidate.name) for candidate in poll.candidates]
    faults += [
        Fault(f"candidates.{position}.name", "duplicate")
        for position, name in enumerate(names)
        if name in names[:position]
    ]
    if faults:
        raise Invalid(*faults)
    return poll


def _is_out_of_reach(poll: Poll, threshold: Threshold) -> bool:
    """Tell whether not even all votes reach a threshold: it asks for more than all.

    A poll that an earlier version has opened keeps its rules.
    """
    num, den = threshold["num"], threshold["den"]
    return num > den or (num == den and threshold["rule"] == "more_than" and poll.state == "draft")


def _lacks_base(poll: Poll) -> bool:
    """Return whether nobody knows how many may vote in a poll, so that no share of them is reached.

    A poll that an earlier version has opened keeps its rules.
    """
    return poll.state == "draft" and poll.eligibility != "roll"
