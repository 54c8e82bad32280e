"""Addresses about what is kept of people.

* `mine`: end users on their own data, under /v1/me
* `requests`: staff on what people asked for
* `persons`: staff on one person's data and wishes
* `breaches`: who looked at whose data
* `telling`, `telling_person`: results as they are told
"""
