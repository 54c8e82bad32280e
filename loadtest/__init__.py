"""The server under load, seen from outside.

* `bench`: the benchmark (`make bench`), in `rounds` of `phases`, told by `telling` and `picture`
* `run`: Locust's users against a server of its own (`make loadtest`), played by `locustfile`
* `server`, `fleet`, `hello`, `baseline`, `pgbench`: what is measured
* `wrk`, `driver`, `pacing`: what measures, fed from `feeds` of `requests` by `devices` of `seeded` accounts
"""
