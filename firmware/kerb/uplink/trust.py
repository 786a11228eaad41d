"""Whom to trust over TLS, and how to be known oneself."""

import tls


def context(ca, cert=None, key=None):
    """An SSLContext that insists on a server with a certificate from `ca`, in its own name.

    `ca`, and `cert` with `key` for a broker that asks for a client certificate, name files of PEM
    or DER. OSError when one can't be read, ValueError when it isn't one. The certificate's dates
    are checked against the RTC where the port has a clock in mbedtls: set the time first.
    """
    it = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
    it.verify_mode = tls.CERT_REQUIRED
    it.load_verify_locations(_read(ca))
    if cert:
        it.load_cert_chain(_read(cert), _read(key))
    return it


def _read(name):
    with open(name, "rb") as file:
        return file.read()
