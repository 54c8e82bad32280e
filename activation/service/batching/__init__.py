"""Many attempts travel together: one read, pure rules, one guarded write.

* `batcher`: gathers what many ask into batches; knows nothing of licences
* `settling`: one batch: read, decide, write what changed, decide again what lost a race
* `settling_one`: a batch of one, within an act's own transaction
* `telling`: from verdicts to events
"""
