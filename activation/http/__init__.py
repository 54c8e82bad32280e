"""HTTP: bytes in, use case, bytes out. Handlers catch nothing; `guarding` turns errors into problems once.

* `routes`: every address, and what handles it; `describing`: the same for readers and programs
* `softphones`, `owners`, `offline`, `shop`, `keys`, `revocations`, `health`: handlers that need no token
* `staff`, `reselling`: handlers for people with one; `acting`: what all of those go through
* `calls`, `credentials`, `naming`, `bodies`: what a handler reads; `answering`: results into messages
* `guarding`: deadlines, trace ids, errors, logs
* `wire`: sockets, connections, whose address counts
"""
