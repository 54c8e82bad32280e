"""What the server measures of itself, for `/metrics`."""

from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Counter("activation_requests_total", "Requests by route and status", ["route", "status"])
VERDICTS = Counter("activation_verdicts_total", "Verdicts by what was asked and the code", ["asked", "code"])
BATCH_SIZE = Histogram(
    "activation_batch_size", "Attempts in a batch", buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256)
)
QUEUED = Gauge("activation_queue_length", "Attempts that wait for a batch", multiprocess_mode="livesum")
STAGE_S = Histogram(
    "activation_stage_seconds",
    "Time a batch spends in each stage",
    ["stage"],
    buckets=(0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5),
)
DECIDED_AGAIN = Counter("activation_decided_again_total", "Attempts that lost a race and were decided again")
DATABASE_ERRORS = Counter("activation_database_errors_total", "Times the database did not answer")
POOL = Gauge("activation_pool_connections", "Connections by state", ["state"], multiprocess_mode="livesum")
JOBS = Counter("activation_jobs_total", "Runs of jobs by name and outcome", ["job", "outcome"])
MAILS = Counter("activation_mails_total", "Tries to send a mail by outcome", ["outcome"])
DELIVERIES = Counter("activation_deliveries_total", "Tries to deliver to a webhook by outcome", ["outcome"])
OLDEST_S = Gauge(
    "activation_oldest_waiting_seconds",
    "Age of the oldest mail or delivery that waits, 0 without any",
    ["queue"],
    multiprocess_mode="livemax",
)
LIMITED = Counter("activation_limited_total", "Requests past a limit, by limit", ["limit"])
LIMITER_AWAY = Counter(
    "activation_limiter_away_total",
    "Requests whose limits nobody could tell, by how they were left",
    ["left"],
)
TRACES = Counter("activation_traces_total", "Traces of refusals by what became of them", ["outcome"])
SEALED = Counter("activation_sealed_events_total", "Events that were sealed")
UNSEALED_S = Gauge(
    "activation_oldest_unsealed_seconds",
    "Age of the oldest event that waits for its seal, 0 without any; since the last seal where none is made",
    multiprocess_mode="livemax",
)
KEYS_READ = Counter("activation_keys_read_total", "Changes of the key folder by outcome", ["outcome"])
SIGNS_S = Gauge(
    "activation_keys_sign_seconds",
    "Seconds until no key signs any more, by kind of certificate; 0 when none does",
    ["kind"],
    multiprocess_mode="livemin",
)

READ_S = STAGE_S.labels("read")
DECIDE_S = STAGE_S.labels("decide")
WRITE_S = STAGE_S.labels("write")
PEPPERED = Gauge(
    "activation_pepper_stored",
    "What hangs on each version of the pepper, as last counted",
    ["version", "what"],
    multiprocess_mode="livemostrecent",
)
