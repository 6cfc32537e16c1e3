-- Sends the lines of a file once each: METHOD, path and body apart by tabs. Every thread takes its own share.
-- BENCH_LINES: the file. BENCH_HEADERS: name=value lines. BENCH_KEYS=1: an Idempotency-Key for each request.
local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

function init(args)
  local share, of = number, tonumber(os.getenv("BENCH_THREADS"))
  lines, at, keys = {}, 0, os.getenv("BENCH_KEYS") == "1"
  local n = 0
  for line in io.lines(os.getenv("BENCH_LINES")) do
    if n % of == share then lines[#lines + 1] = line end
    n = n + 1
  end
  if #lines == 0 then lines[1] = io.lines(os.getenv("BENCH_LINES"))() end
  headers = {}
  for name, value in string.gmatch(os.getenv("BENCH_HEADERS") or "", "([^=\n]+)=([^\n]+)") do headers[name] = value end
end

function request()
  at = at + 1
  local method, path, body = string.match(lines[(at - 1) % #lines + 1], "^(%S+)\t(%S+)\t?(.*)$")
  if keys then headers["Idempotency-Key"] = number .. "-" .. at .. "-" .. os.getenv("BENCH_ROUND") end
  return wrk.format(method, path, headers, body ~= "" and body or nil)
end

function done(summary, latency, requests)
  io.stderr:write(string.format(
    '{"requests":%d,"seconds":%.6f,"p50":%.3f,"p99":%.3f,"errors":%d,"refused":%d}',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout,
    summary.errors.status))
end
