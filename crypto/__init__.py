"""Keys, certificates and digests; standard library and libsodium only, nothing of the server's.

From the ground up:

    base64url, strict_json      texts with exactly one spelling and one meaning
    secrecy, private_files      values that do not print, files that only their owner reads
    errors                      why a token is refused: a class and a word each
    signing                     Ed25519 keys, signatures, thumbprints, key files
    jws                         the one token format, its header fixed
    locking, pkcs8              roots under a passphrase; keys as OpenSSL has them
    delegations, requesting     a root key's word for a signing key, and asking for it
    terms                       what a certificate says
    issuing                     terms to certificate
    recognising                 our own certificate, by its keyed tag, in microseconds
    verifying                   anybody's certificate, by signature and delegation, with no network
    certificates                the four above under one name
    revocations                 the signed list of what is no longer believed
    merkle, seals               one hash for many entries; the signed word for what the event log held
    proving                     probes that a signer signs before it is used
    key_folder, keyring         the files of keys; which key signs, which are believed
    ceremony                    making, delegating and retiring keys
    pepper, digests, passwords  what is derived from the one other secret: salts, digests, stored secrets

Nothing here reads the clock or the environment. Randomness enters in `SigningKey.generate` (and the ceremony,
which calls it), `save_root`, `create_pepper`, `new_password` and `new_token`; drafts of files have random
names.
"""
