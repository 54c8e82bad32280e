"""Use cases, one function each, and the batches they travel in.

* `batcher`: gathers what many ask into batches; knows nothing of licences
* `settling`: one batch: read, decide, write what changed, decide again what lost a race
* `credentials`, `limits`: who asks, and how often they may be wrong
* `activations`, `renewals`, `resets`, `holdings`: what they ask for
* `certificates`: from stored facts to a signed certificate
* `provisioning`: accounts, licences, staff
* `desk`: everything a use case needs, put together once by `app`
"""
