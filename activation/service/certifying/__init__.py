"""From stored facts to what is signed.

* `certificates`: one activation's certificate, after a last look (`linting`)
* `revoking`: the list of what is no longer believed
* `key_watching`: keys change while workers run
"""
