"""The wiring, and only that: makes the parts and gives them to each other."""

import json
import math
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import gevent
from flask import Flask

from api import limits, problems
from api.answers import keep_private
from api.backups import BackupRules, Backups
from api.batches import Batches
from api.closings import Closings
from api.cors import Origins
from api.documents.pages import documents
from api.edge import Edge, Trace
from api.figures import Figures
from api.flasks import App
from api.gate import Gate
from api.hall import EVERYWHERE
from api.jsons import Provider
from api.lag import Lag
from api.lane import Lane
from api.legacy.dialect import Dialect
from api.legacy.routes import legacy
from api.live.live import Live
from api.live.signals import Signal, Signals
from api.passwords import Passwords
from api.pictures import Pictures
from api.presence import Presence
from api.proxies import behind_proxies
from api.records import Records
from api.requests import comes_first
from api.results import ResultsCache
from api.routes.admin import admin
from api.routes.auth import auth
from api.routes.barring import barring
from api.routes.chat import chat
from api.routes.electorates import electorates
from api.routes.embedding import embedding
from api.routes.exports import exports
from api.routes.joining import joining
from api.routes.logs import logs
from api.routes.meetings import meetings
from api.routes.metrics import NAME as METRICS
from api.routes.metrics import metrics, registry_of
from api.routes.outcomes import outcomes
from api.routes.pages import pages
from api.routes.pictures import pictures
from api.routes.polls import polls
from api.routes.roll import roll
from api.routes.roll_files import roll_files
from api.routes.rooms import rooms
from api.secret_files import SETUP_CODE, new_setup_code, read_or_make
from api.seeding import seed_store
from api.services import NAME, Services
from api.settings import PREFIX, SECRET_BYTES, BadSetting, Settings
from api.shared_counts import SharedCounts
from api.sharing import Sharing
from api.slices import LongReads
from api.slowing import Slowdown
from api.tokens import Tokens
from api.turns import Turns
from api.workers import OtherSecret, Workers
from db.archive import archive_of
from db.journal import files
from db.opening import open_store
from voting.casting import Casting
from voting.electorate import fix_missing
from voting.ending import finish_endings
from voting.faults import Invalid
from voting.meetings import keep_meetings
from voting.model.accounts import Account
from voting.moving import move_everybody
from voting.rooms import finish_deletions
from voting.store import Store
from voting.tallies import Tallies

if TYPE_CHECKING:
    from api.tracing import Tracing

BLUEPRINTS = (
    admin,
    auth,
    barring,
    chat,
    documents,
    electorates,
    embedding,
    exports,
    legacy,
    logs,
    meetings,
    metrics,
    outcomes,
    pages,
    pictures,
    polls,
    roll,
    roll_files,
    rooms,
    joining,
)


@dataclass(frozen=True)
class Rollcall:
    """A wired server: what to serve, and what to close at the end. The app serves all alone too.

    queues: where requests wait for their turn; they are ended first
    """

    app: Flask
    lane: Lane
    live: Live
    store: Store
    workers: Workers
    queues: tuple[Turns, ...]
    setup_code: str | None


def create_app(settings: Settings) -> Rollcall:
    """Open the store and wire the server.

    Raises `db.JournalError` where the store refuses, `BadSetting` for a seed or key of no use.
    """
    store, folder = _open_store(settings), settings.folder
    key = settings.secret_key or read_or_make(folder / "secret-key", secrets.token_hex)
    if len(key.encode()) < SECRET_BYTES:
        raise BadSetting(f"{folder / 'secret-key'} is shorter than {SECRET_BYTES} bytes: remove it")
    setup_code = None
    if any(account.administrator for account in store.each(Account)):
        files.remove(folder / SETUP_CODE)  # what a killed `rollcall admin create` left
    else:
        setup_code = read_or_make(folder / SETUP_CODE, new_setup_code)
    origins = Origins(settings.cors_origins)
    signals = Signals(Signal(), Signal(), Signal())
    tracing = _make_tracing(settings)
    parts = _make_services(settings, store, key, signals, tracing)
    app = _make_app(settings, parts, origins)
    workers = Workers(store, parts.presence, key)
    try:
        workers.begin()
    except OtherSecret as error:
        raise BadSetting(str(error)) from error
    gevent.spawn(workers.run)
    limited, worker = settings.rate_limits, settings.worker
    live = Live(app, signals, origins, Dialect, limited=limited, worker=worker)
    if parts.backups is not None:
        gevent.spawn(parts.backups.run)
    trace = None if tracing is None else tracing.note_response
    lane, gate = _wrap(app, settings, parts, origins, live, trace=trace)
    queues = gate.turns, parts.passwords.turns, parts.pictures.turns
    return Rollcall(app, lane, live, store, workers, queues, setup_code)


def _open_store(settings: Settings) -> Store:
    """Open the store; seed an empty one; finish what a crash or a restored backup left."""
    store = open_store(
        settings.database,
        settings.folder,
        datetime.now(UTC),
        settings.worker,
        keep_journals=settings.backup_journals,
    )
    now = store.now()
    try:
        seed_store(store, json.loads(settings.seed.read_text("utf-8")), now)
    except (Invalid, LookupError, TypeError, ValueError) as error:
        raise BadSetting(f"{PREFIX}SEED: {settings.seed} is no seed: {error!r}") from error
    finish_deletions(store)
    fix_missing(store, now)
    finish_endings(store, now)
    keep_meetings(store, now)
    move_everybody(store)
    return store


def _make_tracing(settings: Settings) -> "Tracing | None":
    if not settings.traces:
        return None
    try:
        from api.tracing import Tracing  # noqa: PLC0415 (an optional dependency)
    except ImportError as error:
        needs = "pip install 'rollcall[traces]'"
        raise BadSetting(f"{PREFIX}TRACES: traces need OpenTelemetry: {needs}") from error
    return Tracing(settings.worker)


def _make_services(
    settings: Settings, store: Store, key: str, signals: Signals, tracing: "Tracing | None"
) -> Services:
    limited, tallies = settings.rate_limits, Tallies(store, signals.tallied)
    counts = SharedCounts(store, key)
    return Services(
        store=store,
        backups=_make_backups(settings, store),
        clock=store.now,
        started_at=store.now(),
        batches=Batches(
            store,
            lambda: Casting(store, store.now()),
            trace=None if tracing is None else tracing.note_batch,
            at_once=2 if store.overlaps else 1,
        ),
        closings=Closings(store, store.now),
        tallies=tallies,
        results=ResultsCache(tallies),
        records=Records(store),
        presence=Presence(store, store.now, signals.presence),
        voted=signals.voted,
        tokens=Tokens(key, settings.token_hours),
        passwords=Passwords(),
        pictures=Pictures(),
        password_min=settings.password_min,
        signup=settings.signup,
        guest_hosts=settings.guest_hosts and settings.signup == "open",
        guest_rooms=limits.Window(*(limits.GUEST_ROOMS if limited else (math.inf, 1))),
        keep=settings.keep_days,
        setup_code=settings.folder / SETUP_CODE,
        counts=counts,
        slowdown=Slowdown(time.monotonic, gevent.sleep, counts),
        person_limit=limits.PersonLimit(enabled=limited),
        long_reads=LongReads(),
        reading=limits.Reading(enabled=limited),
        roll_changes=limits.RollChanges(enabled=limited),
    )


def _make_backups(settings: Settings, store: Store) -> Backups | None:
    if settings.backup_dir is None:
        return None
    interval, age = timedelta(hours=settings.backup_hours), timedelta(days=settings.backup_days)
    rules = BackupRules(settings.backup_dir, interval, settings.backup_count, age)
    archive = archive_of(store, rules.folder) if settings.backup_journals else None
    return Backups(store, rules, store.now, archive)


def _make_app(settings: Settings, parts: Services, origins: Origins) -> App:
    """Return the Flask app with all its routes."""
    app = App(__name__, static_folder=None)
    app.config["PUBLIC_URL"] = settings.public_url
    app.config["HALL_PORT"] = settings.port if settings.host in EVERYWHERE else None
    app.config["MAX_CONTENT_LENGTH"] = problems.BODY_BYTES + 1  # one more is seen to be too many
    app.json = Provider(app)
    app.extensions[NAME] = parts
    problems.install(app)
    app.after_request(keep_private)
    origins.install(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    if settings.rate_limits:
        limits.install(app, parts.counts)
    return app


def _wrap(
    app: App,
    settings: Settings,
    parts: Services,
    origins: Origins,
    live: Live,
    *,
    trace: Trace | None,
) -> tuple[Lane, Gate]:
    """Put around an app what each request passes before Flask, the innermost first; return the
    lane, which is beside it, and the gate.
    """
    gate = app.wsgi_app = Gate(app.wsgi_app, origins)  # type: ignore[method-assign]
    sharing, hops = None, settings.trusted_proxies
    if settings.rate_limits:
        sharing = app.wsgi_app = Sharing(app.wsgi_app, origins, partial(comes_first, parts))  # type: ignore[method-assign]
        live.give_way(lambda: sharing.busy)
    edge = app.wsgi_app = Edge(app.wsgi_app, trusted=hops > 0, trace=trace)  # type: ignore[method-assign]
    lag = Lag()
    gevent.spawn(lag.run)
    figures = Figures(edge, gate, parts, live, lag)
    app.extensions[METRICS] = figures, registry_of(figures), settings.metrics_token
    if hops:
        app.wsgi_app = behind_proxies(app.wsgi_app, hops)  # type: ignore[method-assign]
    return Lane(parts, edge, origins, sharing, hops), gate
