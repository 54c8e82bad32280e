"""The supervisor: opens the sockets, runs one worker per core, replaces one that died, stops all.

* `sockets`: opened here and handed down, so that a restarted worker drops no connection
* `workers`: one worker's process and its lifeline
* `supervisor`: all of them
* `database`: the embedded PostgreSQL, or the one named
"""
