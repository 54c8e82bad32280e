"""`make run`: demo data, and this very machine as a softphone.

* `seeding`: what the demo database holds; it enters no other database
* `reselling`: its reseller, who has ordered and paid
* `showing`: runs the server, activates this machine, prints what happened
* `logins`: the demo's logins, for people and for `demo.json`
"""
