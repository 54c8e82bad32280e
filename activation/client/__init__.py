"""What a softphone does: read the machine, activate, keep the certificate, verify it offline, renew, release.

* `reading`: the machine's components, on Linux, Windows and macOS
* `device`: the reading as a request's device, with an install id where there is no hardware part
* `keeping`: the certificate's file in the platform's usual folder
* `conversing`: HTTP: temporary errors are tried again, a refusal never
* `verifying`: the certificate against the roots and this very machine, with no network
* `revocations`: the signed list of what is no longer believed, fetched when online and kept
* `clock`, `seen_mark`: what time it is where clocks are wrong, by a mark that cannot go back unnoticed
* `trusting`: these three at every verification
* `softphone`: all of it together
"""
