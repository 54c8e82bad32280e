"""Which rules were weighed for a refusal, in which order, on which facts: for staff who are asked why.

A replay: the questions that the deciding functions asked are asked again, by the same predicates on the same
facts, once there is a refusal to explain. A grant pays nothing for it, and no decision can hang on it.

* `explaining`: from a refusal to what was weighed
* `steps`: one question, and those that several attempts have in common
* `activations`, `renewals`, `freeing`: the questions of each attempt, in order
"""
