"""Licence activation for softphones.

One way from the socket to the signature: `http` reads bytes, `messages` makes values of them, `service`
gathers attempts into batches, `storage` reads the facts, `licensing` decides, `storage` writes what
changed, `crypto` signs, `http` answers. `client` is the softphone's side of the same conversation.
"""
