"""A licence is freed from its device (R1-R10).

* `resets`: by its owner, once a week
* `staff_resets`, `overrides`: by staff, within bounds or with a second one's word
* `approving`, `undoing`: what follows
* `exposure`: what a reset leaves open (R6)
"""
