"""An independent reader of sent clips, written from device/recording/sent-format.md and RFC 9180 alone.

    /usr/bin/python3 open-sent.py KEY.pem FILE > CONTENT

Debian: python3-cryptography
"""

import hashlib
import hmac
import struct
import sys

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

HEAD, CHUNK, TAG = 120, 65536, 16
KEM, HPKE = b"KEM\x00\x20", b"HPKE\x00\x20\x00\x01\x00\x02"


def extract(suite, salt, label, ikm):
    return hmac.new(salt, b"HPKE-v1" + suite + label + ikm, hashlib.sha256).digest()


def expand(suite, prk, label, info, length):
    labeled = struct.pack(">H", length) + b"HPKE-v1" + suite + label + info
    return hmac.new(prk, labeled + b"\x01", hashlib.sha256).digest()[:length]


def hpke_open(enc, sealed, private_key, public_key, info):
    dh = private_key.exchange(X25519PublicKey.from_public_bytes(enc))
    shared = expand(KEM, extract(KEM, b"", b"eae_prk", dh), b"shared_secret", enc + public_key, 32)
    context = b"\x00" + extract(HPKE, b"", b"psk_id_hash", b"") + extract(HPKE, b"", b"info_hash", info)
    secret = extract(HPKE, shared, b"secret", b"")
    nonce = expand(HPKE, secret, b"base_nonce", context, 12)
    return AESGCM(expand(HPKE, secret, b"key", context, 32)).decrypt(nonce, sealed, b"")


def content_of(sent, private_key):
    public_key = private_key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    assert sent[:8] == b"CA-SENT\x01", "not a sent clip"
    assert sent[8:16] == hashlib.sha256(public_key).digest()[:8], "sealed for another key"
    (length,) = struct.unpack(">Q", sent[32:40])
    clip_key = hpke_open(sent[40:72], sent[72:120], private_key, public_key, sent[:40])
    chunks = -(-length // CHUNK)
    assert len(sent) == HEAD + length + chunks * TAG, "truncated or extended"
    for index in range(chunks):
        nonce = struct.pack(">IB7x", index, index == chunks - 1)
        begin = HEAD + index * (CHUNK + TAG)
        yield AESGCM(clip_key).decrypt(nonce, sent[begin : begin + CHUNK + TAG], sent[16:32])


with open(sys.argv[1], "rb") as pem, open(sys.argv[2], "rb") as file:
    for content in content_of(file.read(), load_pem_private_key(pem.read(), None)):
        sys.stdout.buffer.write(content)
