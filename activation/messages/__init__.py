"""Bytes to values and back. What comes out of here is valid by construction; what is not never gets in.

* `strict`: JSON without the traps: duplicate keys, NUL, lone surrogates, deep nesting
* `requests`: what softphones, end users and staff send
* `answers`: what they get
* `problems`: refusals as RFC 9457 problems: one table from code to status
* `credentials`: HTTP Basic and bearer tokens
* `times`: RFC 3339 in UTC
"""
