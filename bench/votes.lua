-- What wrk sends: ballots, each voter's first in each poll, a poll after another.
--   wrk -s votes.lua URL -- KIND TOKENS FIRST
-- KIND is put (PUT /polls/{id}/ballot), legacy (GET /vote?id=) or get (GET PATH, the fourth
-- argument); FIRST is the number of the first ballot. Prints a line of JSON at the end.

local CANDIDATES = 5
local thread_of_all

function setup(thread)
  thread_of_all = thread
end

function init(arguments)
  kind, sent, path = arguments[1], tonumber(arguments[3]), arguments[4]
  heads = {}
  for token in io.lines(arguments[2]) do
    heads[#heads + 1] = " HTTP/1.1\r\nHost: " .. wrk.headers["Host"] ..
      "\r\nAuthorization: Bearer " .. token .. "\r\n"
  end
end

function request()
  local voter, poll = sent % #heads, math.floor(sent / #heads) + 1
  local candidate = (poll - 1) * CANDIDATES + 1 + voter * 7 % CANDIDATES
  sent = sent + 1
  if kind == "get" then
    return "GET " .. path .. heads[voter + 1] .. "\r\n"
  elseif kind == "legacy" then
    return "GET /vote?id=" .. candidate .. heads[voter + 1] .. "\r\n"
  end
  local body = '{"choices":[' .. candidate .. "]}"
  return "PUT /polls/" .. poll .. "/ballot" .. heads[voter + 1] ..
    "Content-Type: application/json\r\nContent-Length: " .. #body .. "\r\n\r\n" .. body
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"sent":%d,"answered":%d,"seconds":%f,"p50_ms":%f,"p99_ms":%f,"max_ms":%f,' ..
    '"refused":%d,"broken":%d}\n',
    thread_of_all:get("sent"), summary.requests, summary.duration / 1e6,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3,
    errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
