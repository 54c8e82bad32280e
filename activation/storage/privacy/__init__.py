"""What people asked for and said, what is known of them, and who looked at it.

* `requests`: what people asked for, with deadlines (G4)
* `wishes`: restriction, objection, personal fields (G3)
* `consents`: every giving and withdrawing (G8)
* `announcing`: who is yet to be told of changed terms (G8)
* `person`, `person_licenses`: all that is known of one person, for its copy (G3)
* `looks`: who looked at whose data, for a breach report (G7)
"""
