"""The pepper while servers run: several versions at once, and what moves from the old one to the new (D5).

* `watching`: each process takes the versions that the pepper's file holds
* `rekeying`, `sweeping`: what is re-keyed when it is shown, and what without anybody coming by
* `counting`: how much still hangs on which version
* `sighting`: a device's digests under every version that its enrolment may stand under
"""
