"""python-socketio on ASGI telling a hall: the same as bench/live_server.py, asked in the same way.

uvicorn runs on uvloop with websockets-sansio, which it recommends; its own pings are off, because
Socket.IO has some of its own.
"""

import asyncio
import gc
import json
import sys
import time

import socketio
import uvicorn
import uvloop

TALLY = [
    {"candidate": number, "name": f"Candidate {number}", "votes": 1_000 + number, "share": 0.1}
    for number in range(10)
]
RESULTS = {"poll": 1, "epoch": 1, "version": 1_000, "state": "open", "tally": TALLY}

server = socketio.AsyncServer(async_mode="asgi")


@server.on("join")
async def join(sid: str) -> str:
    await server.enter_room(sid, "hall")
    return "ok"


async def broadcast(updates: int, hz: float) -> dict[str, float]:
    began = time.monotonic_ns()
    for number in range(updates):
        document = {**RESULTS, "sent_ns": time.monotonic_ns()}
        await server.emit("tally:update", document, to="hall")
        due = began + (number + 1) * 1e9 / hz if hz else 0
        await asyncio.sleep(max(0, (due - time.monotonic_ns()) / 1e9))
    return {"began_ns": began}


async def main() -> None:
    config = uvicorn.Config(
        socketio.ASGIApp(server),
        port=int(sys.argv[1]),
        ws="websockets-sansio",
        ws_ping_interval=None,
        log_level="error",
        backlog=4096,
    )
    web = uvicorn.Server(config)
    serving = asyncio.create_task(web.serve())
    while not web.started:
        await asyncio.sleep(0.01)
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 5, 80)  # what waits to be sent is no garbage
    print(json.dumps({"ready": True}), flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        print(json.dumps(await broadcast(**json.loads(line))), flush=True)
    web.should_exit = True
    await serving


if __name__ == "__main__":
    uvloop.run(main())
