"""Webhooks to the vendor's own systems, by the Standard Webhooks convention.

* `signing`: secrets and signatures, and where a webhook may point
* `registering`: adding, listing and stopping webhooks; dead letters delivered after all
* `delivering`: messages to where they are waited for, tried again until taken or dead
"""
