"""What softphones and their owners ask for: activate, renew, release, by file too; and what they hold.

* `asking`: the steps that all share: read the device, ask the batch, count a wrong credential
* `activations`, `renewals`, `proving`: with a password; with a certificate and a device's proof (D6)
* `offline`, `offline_files`, `endless`: machines without network, and certificates without an end (R2)
* `holdings`: what an account holds, for its owner's eyes
"""
