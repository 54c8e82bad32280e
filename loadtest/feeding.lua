-- Feeds wrk from files of prepared requests (loadtest/feeds.py), one file for each thread. Every request goes
-- out once, or over and over with "wrap". When the time is up, or the file, a thread asks for /healthz, five
-- times a second on each connection, until wrk itself ends: by then every request that counts has its answer,
-- and a thread that is done takes nothing from one that is not.
-- Arguments after --: seconds, "wrap" or "once", milliseconds that a connection pauses between an answer and its
-- next request, one file for each thread. Prints one line of JSON.
local ffi = require("ffi")
ffi.cdef [[
typedef struct { long seconds; long nanoseconds; } moment;
int clock_gettime(int clock, moment *now);
]]

local MONOTONIC = 1
local REST_MS = 200
local threads = {}
local now = ffi.new("moment")

local function clock()
    ffi.C.clock_gettime(MONOTONIC, now)
    return tonumber(now.seconds) + tonumber(now.nanoseconds) * 1e-9
end

function setup(thread)
    thread:set("part", #threads)
    table.insert(threads, thread)
end

function init(args)
    lasting, wraps = tonumber(args[1]), args[2] == "wrap"
    pause_ms = tonumber(args[3])
    feed = assert(io.open(args[4 + part], "rb"))
    feed:setvbuf("full", 1048576)
    issued, rested, began, ended = 0, -1, 0, 0
    rest = wrk.format("GET", "/healthz")
end

function delay()
    return ended > 0 and REST_MS or pause_ms
end

local function have_a_rest()
    rested = rested + 1
    return rest
end

local function next_size()
    local size = feed:read(6)
    if size == nil and wraps then
        feed:seek("set", 0)
        size = feed:read(6)
    end
    return size
end

function request()
    if rested < 0 then
        return have_a_rest() -- wrk looks at the first request of the first thread without sending it
    end
    if ended > 0 then
        return have_a_rest()
    end
    local moment = clock()
    if began == 0 then
        began = moment
    end
    local size = moment < began + lasting and next_size() or nil
    if size == nil then
        ended = moment
        return have_a_rest()
    end
    issued = issued + 1
    return feed:read(tonumber(size))
end

function done(summary, latency, requests)
    local counts, seconds, errors = {}, 0, summary.errors
    for _, thread in ipairs(threads) do
        table.insert(counts, thread:get("issued"))
        seconds = math.max(seconds, thread:get("ended") - thread:get("began"))
    end
    print(string.format('{"issued": [%s], "seconds": %.6f, "refused": %d, "broken": %d}',
        table.concat(counts, ", "), seconds, errors.status,
        errors.connect + errors.read + errors.write + errors.timeout))
end
