"""D1-D4: when two readings of components are the same machine.

In the order a request passes them:

* `kinds`: the kinds of component, their order, their codes
* `shared_values`: D3, values that many machines share (the list itself is `shared_values.toml`)
* `normalising`: D3, one spelling for one component, or none when it identifies nothing
* `fingerprints`: D3, all components together, and whether they identify a machine
* `policies`: D2, how much agreement makes the same device (the policies are `policies.toml`)
* `enrolment`: what is kept of a device, as digests, and its packed form
* `matching`: D2, the enrolled device or another one
* `drift`: D4, parts that change on an accepted device
* `proving`: D4, what came to a device proves nothing by itself for a while
* `explaining`: D4 for people: which parts changed, and how many more may

Digests are made elsewhere (D5): from here they are 16 bytes each, equal or not.
"""
