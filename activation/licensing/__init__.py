"""The licensing rules, pure: no clock, no randomness, no input or output.

Every licensing question is answered here and nowhere else. The modules read like the rules:

* `model`: accounts, products, licences, activations, and the holding that a decision spans
* `identifiers`: ids and their shard, as numbers and as text
* `attempts`: what somebody asks for
* `verdicts`: what the rules answer, and what then has to be written
* `weeks`: R3, what "once a week" means
* `activating` (L1-L8, R7), `renewing` (R8), `releasing` (R10), `resetting` (R1-R4)
* `deciding`: one attempt after the other on the facts of one holding
* `validity`: how long a certificate lasts
* `devices`: D1-D4, when two readings are the same machine
"""
