"""The supervisor: opens the sockets, runs one worker per core and the jobs, replaces what died, stops all.

* `sockets`: opened here and handed down, so that a restarted worker drops no connection
* `workers`: one child's process and its lifeline
* `supervisor`: all of them
* `database`: the embedded PostgreSQL, or the one named
"""
