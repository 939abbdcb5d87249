"""An H.264 camera on RTSP that tells the time.

    /usr/bin/python3 rtsp-camera.py PORT FPS GOP WIDTH HEIGHT PICTURE

The top 32 rows of each picture are its wall-clock milliseconds as 40 black or white bars, highest bit first, so
that any clip can be asked when its frames were taken (see clip-times.ts). PICTURE is a raw I420 file to show below
them. PORT 0 takes a free one. Prints "ready PORT", and ends when its stdin does, so that it never outlives its test.

Debian: python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-good gstreamer1.0-plugins-ugly
"""

import random
import sys
import threading
import time

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

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


sources = set()


def take_pictures():
    number = 0
    start = time.time()
    while True:
        number += 1
        wait = start + number / fps - time.time()
        if wait > 0:
            time.sleep(wait)
        if not sources:
            continue
        data = frame(number, round(time.time() * 1000))
        for source in list(sources):
            if source.emit("push-buffer", Gst.Buffer.new_wrapped(data)) != Gst.FlowReturn.OK:
                sources.discard(source)


class Camera(GstRtspServer.RTSPMediaFactory):
    def do_create_element(self, _url):
        return Gst.parse_launch(
            "( appsrc name=source is-live=true do-timestamp=true format=time block=false max-bytes=4000000"
            f" caps=video/x-raw,format=I420,width={width},height={height},framerate={fps}/1 ! queue"
            f" ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max={gop} bitrate=1200"
            " ! video/x-h264,profile=baseline ! rtph264pay name=pay0 pt=96 config-interval=1 )"
        )

    def do_configure(self, media):
        sources.add(media.get_element().get_by_name("source"))


Gst.init(None)
loop = GLib.MainLoop()
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service(str(port))
camera = Camera()
camera.set_shared(True)
camera.set_latency(50)
server.get_mount_points().add_factory("/cam", camera)
if server.attach(None) == 0:
    sys.exit(f"port {port} is taken")


def end_with_stdin():
    sys.stdin.buffer.read()
    loop.quit()


for work in (take_pictures, end_with_stdin):
    threading.Thread(target=work, daemon=True).start()
print("ready", server.get_bound_port(), flush=True)
loop.run()
