"""What the licensor's staff call: licences, resets, forks, products, direct customers, subscriptions, mails.

`telling_*` and `answering_resets` say what they get, on the command line too.
"""
