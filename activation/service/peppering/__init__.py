"""The pepper while servers run: several versions at once, and what moves from the old one to the new (D5).

* `watching`: each process takes the versions that the pepper's file holds
* `sighting`: a device's digests under every version that its enrolment may stand under
"""
