"""A real SMTP server for the tests, on a port of its own: keeps what it takes, refuses what it is told to."""

import socket
from collections import deque
from email import message_from_bytes, policy

from aiosmtpd.controller import Controller


class Postbox:
    """What arrived, and the answers that the next mails get instead of being taken."""

    def __init__(self):
        self.mails = []
        self.answers = deque()
        self.for_recipients = {}

    async def handle_RCPT(self, _server, _session, envelope, address, _options):
        answer = self.for_recipients.get(address)
        if answer:
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, _session, envelope):
        if self.answers:
            return self.answers.popleft()
        mail = message_from_bytes(envelope.content, policy=policy.default)
        self.mails.append((envelope.mail_from, envelope.rcpt_tos, mail))
        return "250 taken"


class SmtpServer:
    """The server itself, started and stopped."""

    def __init__(self):
        self.postbox = Postbox()
        self.port = free_port()
        self.controller = Controller(self.postbox, hostname="127.0.0.1", port=self.port)

    @property
    def url(self):
        return f"smtp://127.0.0.1:{self.port}"

    def __enter__(self):
        self.controller.start()
        return self

    def __exit__(self, *_error):
        self.controller.stop()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
