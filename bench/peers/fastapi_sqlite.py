"""FastAPI and SQLite under uvicorn with uvloop and httptools. The route is a coroutine that
commits where it stands: the hop to FastAPI's thread pool and back costs more than the fsync.
"""

from typing import Annotated, Any

from fastapi import FastAPI, Header, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, StrictInt

from bench.peers import rules

app = FastAPI(openapi_url=None)
rules.make_tables()
connection = rules.connect()


class Ballot(BaseModel):
    model_config = ConfigDict(extra="forbid")
    choices: list[StrictInt] = Field(min_length=1, max_length=1)


@app.exception_handler(rules.Refused)
async def refuse(_request: Request, refused: rules.Refused) -> JSONResponse:
    return JSONResponse({"code": refused.code}, refused.status)


@app.put("/polls/{poll}/ballot")
async def put_ballot(
    poll: int, ballot: Ballot, authorization: Annotated[str | None, Header()] = None
) -> Any:
    voter = rules.read_voter(authorization)
    document, status = rules.cast(connection, poll, voter, ballot.choices)
    return JSONResponse(document, status)
