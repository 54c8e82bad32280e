"""Use cases, one function each, and the batches they travel in.

* `batching`: many attempts, one read, pure rules, one guarded write
* `activating`: what softphones and their owners ask for
* `certifying`: from stored facts to what is signed
* `working`: how somebody who is signed in acts, in one transaction, once
* `resetting`, `licenses`: what staff do about licences
* `reselling`, `purchasing`, `subscribing`, `importing`: the business around them
* `mailing`, `hooking`, `scheduled`: what happens by itself
* `credentials`, `limits`: who asks, and how often they may be wrong
* `provisioning`: accounts, licences, staff from nothing
* `desk`: everything a use case needs, put together once by `app`
"""
