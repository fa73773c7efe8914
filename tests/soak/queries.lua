-- Mixed queries for wrk, and what came back of them, by status. Arguments after
-- `--`: the file of queries, the seed, and "flood" for a new client each time.
local threads = {}

function setup(thread)
  thread:set("number", #threads)
  table.insert(threads, thread)
end

function init(args)
  paths = {}
  for line in io.lines(args[1]) do paths[#paths + 1] = line end
  math.randomseed(tonumber(args[2]) + number)
  flood = args[3] == "flood"
  client = 0
  -- "STATUS" or "503 without Retry-After", and how often.
  counts = {}
  found = ""
end

local codings = { "identity", "gzip", "br", "zstd", "gzip, br;q=0.5" }

function request()
  local headers = { ["Accept-Encoding"] = codings[math.random(#codings)] }
  if flood then
    client = client + 1
    headers["X-Forwarded-For"] = string.format("%d.%d.%d.%d", 11 + number * 32 + math.floor(client / 16777216), math.floor(client / 65536) % 256, math.floor(client / 256) % 256, client % 256)
  end
  return wrk.format("GET", paths[math.random(#paths)], headers)
end

function response(status, headers, body)
  local word = tostring(status)
  if status == 503 and not (headers["retry-after"] or headers["Retry-After"]) then word = "503 without Retry-After" end
  counts[word] = (counts[word] or 0) + 1
  local all = ""
  for name, count in pairs(counts) do all = all .. name .. "=" .. count .. ";" end
  found = all
end

function done(summary, latency)
  for _, thread in ipairs(threads) do io.write("STATUSES " .. thread:get("found") .. "\n") end
  io.write(string.format("SOCKETS connect=%d;read=%d;write=%d;timeout=%d\n", summary.errors.connect, summary.errors.read, summary.errors.write, summary.errors.timeout))
  io.write(string.format("LATENCY p50=%.2f;p99=%.2f;requests=%d;seconds=%.1f\n", latency:percentile(50) / 1000, latency:percentile(99) / 1000, summary.requests, summary.duration / 1e6))
end
