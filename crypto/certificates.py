"""Certificates, gathered: terms, issuing, recognising and verifying under one name."""

from crypto.errors import CertificateError
from crypto.issuing import Issuer
from crypto.recognising import TYP, recognise
from crypto.terms import Terms, parse_terms
from crypto.verifying import verify_certificate

__all__ = ["TYP", "CertificateError", "Issuer", "Terms", "parse_terms", "recognise", "verify_certificate"]
