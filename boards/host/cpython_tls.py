"""MicroPython's `tls` module over CPython's ssl: the stream API that its sockets have.

read, readinto and write give None where a non-blocking socket would block, also while the
handshake is under way, which they carry on. A certificate that is refused is a ValueError, any
other fault an OSError, as in the mbedtls build.
"""

import errno
import os
import ssl
import tempfile

CERT_NONE = 0
CERT_OPTIONAL = 1
CERT_REQUIRED = 2
PROTOCOL_TLS_CLIENT = 0
PROTOCOL_TLS_SERVER = 1
_CHUNK = 16384


def _pem(data, kind):
    data = data.encode() if isinstance(data, str) else bytes(data)
    return (
        data
        if b"-----BEGIN " in data
        else ssl.DER_cert_to_PEM_cert(data).replace("CERTIFICATE", kind).encode()
    )


class SSLContext:
    """Keys and trust of one end; certificates and keys as PEM or DER in memory."""

    def __init__(self, protocol):
        self._server = bool(protocol & PROTOCOL_TLS_SERVER)
        self._ctx = ssl.SSLContext(
            ssl.PROTOCOL_TLS_SERVER if self._server else ssl.PROTOCOL_TLS_CLIENT
        )
        self._ctx.check_hostname = False
        self.verify_mode = CERT_NONE if self._server else CERT_REQUIRED

    def load_cert_chain(self, cert, key):
        """Own certificate and private key; ValueError when either can't be read."""
        fd, path = tempfile.mkstemp()
        try:
            with os.fdopen(fd, "wb") as file:
                file.write(_pem(cert, "CERTIFICATE") + b"\n" + _pem(key, "PRIVATE KEY"))
            self._ctx.load_cert_chain(path)
        except ssl.SSLError as exc:
            raise ValueError("invalid cert or key") from exc
        finally:
            os.unlink(path)

    def load_verify_locations(self, cadata):
        """The certificates to trust; ValueError when there is none in cadata."""
        try:
            self._ctx.load_verify_locations(cadata=_pem(cadata, "CERTIFICATE").decode())
        except (ssl.SSLError, UnicodeDecodeError) as exc:
            raise ValueError("invalid cert") from exc

    def wrap_socket(
        self, sock, *, server_side=False, do_handshake_on_connect=True, server_hostname=None
    ):
        """A stream over sock. The server's name is checked when server_hostname is given."""
        self._ctx.check_hostname = False
        self._ctx.verify_mode = ssl.VerifyMode(self.verify_mode)
        self._ctx.check_hostname = bool(server_hostname) and self.verify_mode == CERT_REQUIRED
        stream = _Stream(self._ctx, sock, server_side, server_hostname)
        if do_handshake_on_connect:
            stream.do_handshake()
        return stream


class _Stream:
    def __init__(self, ctx, sock, server_side, server_hostname):
        self._sock = sock
        self._in = ssl.MemoryBIO()
        self._out = ssl.MemoryBIO()
        self._tls = ctx.wrap_bio(self._in, self._out, server_side, server_hostname)
        self._unsent = b""

    def do_handshake(self):
        self._turn(self._tls.do_handshake)

    def read(self, size=-1):
        """Up to size bytes; b"" at the end of the stream; None when there are none yet."""
        got = bytearray()
        while size < 0 or len(got) < size:
            part = self._turn(self._tls.read, _CHUNK if size < 0 else size - len(got))
            if part is None and not got:
                return None
            if not part:
                break
            got += part
        return bytes(got)

    def readinto(self, buf, size=-1):
        """Reads into buf; the count, 0 at the stream's end, None when there is nothing yet."""
        data = self.read(len(buf) if size < 0 else min(size, len(buf)))
        if data is None:
            return None
        buf[: len(data)] = data
        return len(data)

    def readline(self):
        """A line with its end, or what came of it; None when there is nothing yet."""
        line = bytearray()
        while not line.endswith(b"\n"):
            part = self._turn(self._tls.read, 1)
            if part is None and not line:
                return None
            if not part:
                break
            line += part
        return bytes(line)

    def write(self, buf, size=-1):
        """Sends up to size bytes of buf; the count, or None when none can be sent now."""
        if not self._flush():
            return None
        data = bytes(buf) if size < 0 else bytes(buf)[:size]
        return self._turn(self._tls.write, data)

    def close(self):
        self._sock.close()

    def setblocking(self, value):
        self._sock.setblocking(value)

    def settimeout(self, value):
        self._sock.settimeout(value)

    def fileno(self):
        return self._sock.fileno()

    def cipher(self):
        """(suite, protocol version) once the handshake is done."""
        return self._tls.cipher()[:2]

    def getpeercert(self, binary_form):
        """The other end's certificate as DER."""
        return self._tls.getpeercert(binary_form)

    def _turn(self, act, *args):
        while True:
            try:
                result = act(*args)
                self._flush()
                return result
            except ssl.SSLWantReadError:
                if not self._flush() or not self._fill():
                    return None
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                return b""
            except ssl.SSLCertVerificationError as exc:
                self._flush()
                raise ValueError(exc.verify_message) from exc
            except ssl.SSLError as exc:
                self._flush()
                raise OSError(errno.EIO, str(exc)) from exc

    def _flush(self):
        """Sends what waits; False when some of it has to wait on."""
        self._unsent += self._out.read()
        while self._unsent:
            try:
                sent = self._sock.send(self._unsent)
            except (BlockingIOError, InterruptedError):
                return False
            self._unsent = self._unsent[sent:]
        return True

    def _fill(self):
        """Takes what has come; False when nothing has."""
        try:
            data = self._sock.recv(_CHUNK)
        except (BlockingIOError, InterruptedError):
            return False
        if data:
            self._in.write(data)
        else:
            self._in.write_eof()
        return True
