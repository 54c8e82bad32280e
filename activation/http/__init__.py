"""HTTP: bytes in, use case, bytes out. Handlers catch nothing; `guarding` turns errors into problems once.

* `routes`: every address, and what handles it
* `softphones`, `owners`, `agents`, `keys`, `health`: the handlers
* `answering`: results into messages
* `guarding`: bodies, deadlines, trace ids, errors, logs
* `addresses`: whose address counts
* `serving`: sockets and a clean stop
"""
