"""An H.264 camera on RTSP that tells the time.

    /usr/bin/python3 rtsp-camera.py PORT FPS GOP WIDTH HEIGHT PICTURE

The top 32 rows of each picture are its wall-clock milliseconds as 40 black or white bars, highest bit first, so
that any clip can be asked when its frames were taken (see clip-times.ts). PICTURE is a raw I420 file to show below
them. PORT 0 takes a free one. Prints "ready PORT", and ends when its stdin does, so that it never outlives its test.

RTSP (RFC 2326) as far as it is needed: one stream, over the connection of the requests (10.12). GStreamer's own server,
1.22, now and then forgot on a busy machine that a client may be sent more: it said PLAY and sent sender reports only.

Debian: python3-gi gir1.2-gstreamer-1.0 gstreamer1.0-plugins-good gstreamer1.0-plugins-ugly
"""

import random
import re
import socket
import socketserver
import sys
import threading
import time

import gi

gi.require_version("Gst", "1.0")
from gi.repository import Gst  # noqa: E402

BITS = 40
BARCODE_ROWS = 32
BLOCK = 64

port, fps, gop, width, height = (int(argument) for argument in sys.argv[1:6])
bar = width // BITS
with open(sys.argv[6], "rb") as file:
    picture = file.read()
luma, chroma = picture[: width * height], picture[width * height :]

# A sensor's noise: without it the encoder would have nothing to do, and a clip no size.
noise = random.Random(1).randbytes(width * height)
noisy = [
    bytes(min(255, level + (grain + shift) % 7) for level, grain in zip(luma, noise)) for shift in range(4)
]


def frame(number, ms):
    """One I420 picture taken at wall-clock `ms`."""
    picture = bytearray(noisy[number % 4])
    row = b"".join((b"\xeb" if ms >> bit & 1 else b"\x10") * bar for bit in range(BITS - 1, -1, -1))
    picture[: width * BARCODE_ROWS] = row * BARCODE_ROWS
    left = number * 6 % (width - BLOCK)
    for y in range(height - BLOCK, height):
        picture[y * width + left : y * width + left + BLOCK] = b"\xdc" * BLOCK
    return bytes(picture) + chroma


encoders = set()


def take_pictures():
    number = 0
    start = time.time()
    while True:
        number += 1
        wait = start + number / fps - time.time()
        if wait > 0:
            time.sleep(wait)
        if not encoders:
            continue
        data = frame(number, round(time.time() * 1000))
        for encoder in list(encoders):
            encoder.push(data)


class Encoder:
    """Pictures to RTP packets, from a key picture on; each client has one of its own."""

    def __init__(self):
        self.pipeline = Gst.parse_launch(
            "appsrc name=source is-live=true do-timestamp=true format=time"
            " leaky-type=upstream max-bytes=4000000"
            f" caps=video/x-raw,format=I420,width={width},height={height},framerate={fps}/1 ! queue"
            f" ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max={gop} bitrate=1200"
            " ! video/x-h264,profile=baseline ! rtph264pay pt=96 config-interval=1 ! appsink name=sink sync=false"
        )
        self.source = self.pipeline.get_by_name("source")
        self.sink = self.pipeline.get_by_name("sink")
        self.pipeline.set_state(Gst.State.PLAYING)
        encoders.add(self)

    def push(self, data):
        self.source.emit("push-buffer", Gst.Buffer.new_wrapped(data))

    def pull(self):
        """The next packet as a GStreamer sample; None when there is none for a second."""
        return self.sink.emit("try-pull-sample", Gst.SECOND)

    def stop(self):
        encoders.discard(self)
        self.pipeline.set_state(Gst.State.NULL)


def parameter_sets():
    """What the SDP tells of the stream: that of each encoder is the same."""
    encoder = Encoder()
    sample = None
    while sample is None:
        sample = encoder.pull()
    encoder.stop()
    caps = sample.get_caps().get_structure(0)
    return caps.get_string("sprop-parameter-sets"), caps.get_string("profile-level-id")


class Client(socketserver.BaseRequestHandler):
    def setup(self):
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.over = threading.Event()
        # Answers and packets come from two threads.
        self.sending = threading.Lock()
        self.player = None

    def handle(self):
        requests = self.request.makefile("rb")
        try:
            while first := requests.read(1):
                if first == b"$":
                    # A receiver report.
                    requests.read(int.from_bytes(requests.read(3)[1:], "big"))
                    continue
                method, url, _ = (first + requests.readline()).decode().split()
                headers = {}
                while line := requests.readline().decode().strip():
                    name, _, value = line.partition(":")
                    headers[name.lower()] = value.strip()
                self.answer(method, url, headers)
                if method == "TEARDOWN":
                    return
        except (OSError, ValueError):
            # It was killed, perhaps in the middle of a word.
            return

    def finish(self):
        self.over.set()
        if self.player:
            self.player.join()

    def answer(self, method, url, headers):
        status, more, body = "200 OK", ["Session: 1"], ""
        if method == "OPTIONS":
            more = ["Public: OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, TEARDOWN"]
        elif method == "DESCRIBE":
            more = [f"Content-Base: {url}/", "Content-Type: application/sdp"]
            body = sdp
        elif method == "SETUP":
            transport = headers.get("transport", "")
            if not re.search("RTP/AVP/TCP.*interleaved=0-1", transport):
                status = "461 Unsupported Transport"
            more += [f"Transport: {transport}"]
        elif method not in ("PLAY", "GET_PARAMETER", "TEARDOWN"):
            status = "501 Not Implemented"
        lines = [f"RTSP/1.0 {status}", f"CSeq: {headers.get('cseq', '')}", *more]
        lines += [f"Content-Length: {len(body)}", "", body]
        self.send("\r\n".join(lines).encode())
        if method == "PLAY" and not self.player:
            self.player = threading.Thread(target=self.play, daemon=True)
            self.player.start()

    def play(self):
        encoder = Encoder()
        try:
            while not self.over.is_set():
                sample = encoder.pull()
                if sample is None:
                    continue
                buffer = sample.get_buffer()
                packet = buffer.extract_dup(0, buffer.get_size())
                self.send(b"$\x00" + len(packet).to_bytes(2, "big") + packet)
        except OSError:
            # It has gone; who reads its requests finds that out, too.
            pass
        finally:
            encoder.stop()

    def send(self, data):
        with self.sending:
            self.request.sendall(data)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Gst.init(None)
server = Server(("127.0.0.1", port), Client)
threading.Thread(target=take_pictures, daemon=True).start()
sets, profile = parameter_sets()
sdp = "\r\n".join(
    [
        "v=0",
        "o=- 1 1 IN IP4 127.0.0.1",
        "s=A camera that tells the time",
        "t=0 0",
        "m=video 0 RTP/AVP 96",
        "c=IN IP4 0.0.0.0",
        "a=control:*",
        "a=rtpmap:96 H264/90000",
        f"a=fmtp:96 packetization-mode=1;profile-level-id={profile};sprop-parameter-sets={sets}",
        f"a=framerate:{fps}",
        "a=control:stream=0",
        "",
    ]
)
threading.Thread(target=server.serve_forever, daemon=True).start()
print("ready", server.server_address[1], flush=True)
sys.stdin.buffer.read()
