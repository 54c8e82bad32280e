"""Staff on licences: `finding` them, `giving` them, their `standing` (L8), `tending` one, `forks` of keys.

`standing` is also what late payment, penalties and subscriptions set on a hundred thousand at once.
"""
