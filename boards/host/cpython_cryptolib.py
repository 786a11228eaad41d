"""MicroPython's `cryptolib` over PyPI's cryptography: AES-ECB and AES-CBC, as rp2 has them."""

_ECB = 1
_CBC = 2


class aes:
    """One key, one mode, and one direction: that of the first call. CBC goes on over calls."""

    def __init__(self, key, mode, IV=None):
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

        if mode not in (_ECB, _CBC):
            raise ValueError("mode")
        if len(key) not in (16, 32):
            raise ValueError("key")
        if (mode == _CBC and IV is None) or (IV is not None and len(IV) != 16):
            raise ValueError("IV")
        self._cipher = Cipher(
            algorithms.AES(bytes(key)), modes.ECB() if mode == _ECB else modes.CBC(bytes(IV))
        )
        self._direction = None
        self._context = None

    def encrypt(self, in_buf, out_buf=None):
        """Whole blocks, to out_buf (also in_buf itself) and giving it, or as new bytes."""
        return self._process("encryptor", in_buf, out_buf)

    def decrypt(self, in_buf, out_buf=None):
        """encrypt() the other way round."""
        return self._process("decryptor", in_buf, out_buf)

    def _process(self, direction, in_buf, out_buf):
        if len(in_buf) % 16:
            raise ValueError("blksize % 16")
        if out_buf is not None and len(out_buf) < len(in_buf):
            raise ValueError("output too small")
        if self._context is None:
            self._direction = direction
            self._context = getattr(self._cipher, direction)()
        elif direction != self._direction:
            raise ValueError("can't encrypt & decrypt")
        done = self._context.update(bytes(in_buf))
        if out_buf is None:
            return done
        memoryview(out_buf)[: len(done)] = done
        return out_buf
