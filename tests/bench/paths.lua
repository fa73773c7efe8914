-- wrk: asks for the paths of the file BENCH_PATHS in turn, from number
-- BENCH_FROM on, and tells at the end what was measured, as one line of JSON.

local paths, at = {}, 0

function init()
  for line in io.lines(os.getenv("BENCH_PATHS")) do
    -- Requests are written beforehand: making them must not be what is measured.
    paths[#paths + 1] = wrk.format("GET", line)
  end
  at = tonumber(os.getenv("BENCH_FROM") or "0")
end

function request()
  at = at + 1
  return paths[at % #paths + 1]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    'BENCH {"rate":%f,"p50":%f,"p95":%f,"p99":%f,"max":%f,"asked":%d,"bytes":%d,"failed":%d}\n',
    summary.requests / summary.duration * 1e6, latency:percentile(50) / 1e3, latency:percentile(95) / 1e3,
    latency:percentile(99) / 1e3, latency.max / 1e3, summary.requests, summary.bytes,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
