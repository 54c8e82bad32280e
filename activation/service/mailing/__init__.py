"""Mail: written as rows with what it tells of, sent later by a job.

* `sealing`: parameters that nobody reads before they are sent, such as a new password
* `texts`: the templates, and what of a row goes into which place
* `sending`: rows into letters over SMTP, tried again until sent or dead
* `post`: which SMTP server, as whom
"""
