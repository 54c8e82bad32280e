"""A reseller at its own affairs: pool, orders, users of the account, terms."""
