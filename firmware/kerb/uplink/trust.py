"""Whom to trust over TLS, and how to be known oneself."""

import errno

import tls


def context(ca, cert=None, key=None):
    """An SSLContext that insists on a server with a certificate from `ca`, in its own name.

    `ca`, and `cert` with `key` for a broker that asks for a client certificate, name files of PEM
    or DER. OSError, which names the file, when one can't be used. The certificate's dates are
    checked against the RTC where the port has a clock in mbedtls: set the time first.
    """
    it = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
    it.verify_mode = tls.CERT_REQUIRED
    _load(it.load_verify_locations, ca)
    if cert:
        _load(it.load_cert_chain, cert, key)
    return it


def _load(load, *names):
    try:
        load(*[_read(name) for name in names])
    except ValueError as e:
        raise OSError("%s: %s" % (" or ".join(names), e))


def _read(name):
    try:
        with open(name, "rb") as file:
            return file.read()
    except OSError as e:
        raise OSError("%s: %s" % (name, "not found" if e.errno == errno.ENOENT else e))
