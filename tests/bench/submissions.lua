-- wrk's part of `make bench`: posts one small program again and again and tells the result as one line of JSON.
wrk.method = "POST"
wrk.headers["content-type"] = "application/json"
wrk.body = os.getenv("SUBMISSION")

local counters = {}

function setup(thread)
  table.insert(counters, thread)
end

function init()
  accepted, refused = 0, 0
end

function response(status)
  if status == 201 then accepted = accepted + 1 else refused = refused + 1 end
end

function done(summary, latency)
  local accepted_total, refused_total = 0, 0
  for _, thread in ipairs(counters) do
    accepted_total = accepted_total + thread:get("accepted")
    refused_total = refused_total + thread:get("refused")
  end
  local errors = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.write(string.format(
    '\n{"accepted": %d, "refused": %d, "broken": %d, "seconds": %.3f, "p50_ms": %.2f, "p99_ms": %.2f, "max_ms": %.2f}\n',
    accepted_total, refused_total, errors, summary.duration / 1e6,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, latency.max / 1000))
end
