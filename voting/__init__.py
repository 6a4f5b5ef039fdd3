"""What may happen, and how it is counted: rules and use cases.

No Flask, no sockets, no files; the store, the time, ids and randomness are arguments. The modules
by what they are about, in an order in which they can be read:

    words       model/, refusals, faults, text, confusables, rest
    the store   store, ballot_box
    people      people, accounts, invitations, barring, muting
    rooms       rooms, guest_hosts, copying, pictures, chat
    their roll  roll, roll_plans, known_rows, restoring
    their log   log, acts, chain, log_names
    meetings    meetings, attendance, moving, quorums
    polls       polls, motions, times, agenda, electorate, schedule, recent_polls
    votes       casting, tallies, turnout
    the end     ending, closing, sealing
    counting    methods, ranked, run_off, verdicts
    records     record, record_v1, recording, leaves, merkle, canonical, verify/
    old things  pruning
"""
