"""What leaves the house, as it is stored: mails and webhook messages."""
