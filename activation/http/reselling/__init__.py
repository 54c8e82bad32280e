"""Addresses about resellers, for themselves and for staff.

* `own`: what a reseller's users call under /v1/reseller
* `clients`: staff on resellers, their users, terms and prices
* `money`: staff on orders and payments
* `late`: staff on penalties and late payment
* `telling`: what both answer
"""
