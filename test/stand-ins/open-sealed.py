"""An independent reader of the vault's clips, written from device/recording/vault-format.md alone.

    /usr/bin/python3 open-sealed.py DEVICE-KEY FILE > CONTENT

DEVICE-KEY: 64 hex digits. Debian: python3-cryptography
"""

import struct
import sys

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

HEADER, CHUNK, TAG = 84, 65536, 16


def derived(device_key, label, length):
    return HKDF(SHA256(), length, salt=None, info=label).derive(device_key)


def content_of(sealed, device_key):
    assert sealed[:8] == b"CA-CLIP\x01", "not a sealed clip"
    assert sealed[8:16] == derived(device_key, b"contact-analyzer v1 key id", 8), "another device key"
    (length,) = struct.unpack(">Q", sealed[16:24])
    wrapping_key = derived(device_key, b"contact-analyzer v1 key wrapping", 32)
    clip_key = AESGCM(wrapping_key).decrypt(sealed[24:36], sealed[36:84], sealed[:24])
    chunks = -(-length // CHUNK)
    assert len(sealed) == HEADER + length + chunks * TAG, "truncated or extended"
    for index in range(chunks):
        nonce = struct.pack(">IB7x", index, index == chunks - 1)
        begin = HEADER + index * (CHUNK + TAG)
        yield AESGCM(clip_key).decrypt(nonce, sealed[begin : begin + CHUNK + TAG], sealed[:16])


with open(sys.argv[2], "rb") as file:
    for content in content_of(file.read(), bytes.fromhex(sys.argv[1])):
        sys.stdout.buffer.write(content)
