export interface CameraFound {
  /** The `driver` of the config for it. */
  readonly driver: 'v4l2' | 'rpicam';
  /** Such as /dev/video0; for `rpicam` its number. */
  readonly device: string;
  readonly name: string;
}

/** One folder of /sys/class/video4linux. */
export interface VideoNode {
  /** Such as video0. */
  readonly node: string;
  readonly name: string;
  /** Which of its device's nodes it is. */
  readonly index: number;
  /** What `v4l2-ctl -D` says of it; null where it is not installed. */
  readonly info: string | null;
}

/** linux/videodev2.h: captures pictures (one plane, several planes), and is no converter from pictures to pictures. */
const CAPTURES = 0x1 | 0x1000;
const CONVERTS = 0x8000 | 0x4000;

/**
 * Nodes of the Pi's own chips: decoder, encoder and image processor, and the receivers of CSI cameras, whose raw pictures
 * only libcamera can use.
 */
const NO_CAMERA = /^(bcm2835-(codec|isp)|pispbe|rpivid|rpi-hevc|rpi-isp|unicam|rp1-cfe)/;

/** The nodes that a camera's pictures can be had from. Pure. */
export function camerasOf(nodes: readonly VideoNode[]): CameraFound[] {
  return nodes
    .filter(({ name, index, info }) => {
      if (NO_CAMERA.test(name)) return false;
      const caps = Number(/^\s*Device Caps\s*:\s*(0x[0-9a-f]+)/im.exec(info ?? '')?.[1] ?? Number.NaN);
      // Without v4l2-ctl: a USB camera's first node has the pictures, its second what the camera notes of them.
      return Number.isNaN(caps) ? index === 0 : (caps & CAPTURES) !== 0 && (caps & CONVERTS) === 0;
    })
    .map(({ node, name }) => ({ driver: 'v4l2', device: `/dev/${node}`, name }));
}

/** `rpicam-hello --list-cameras` (older: libcamera-hello). Pure. */
export function parseRpicamList(text: string): CameraFound[] {
  return [...text.matchAll(/^\s*(\d+) : (\S+) \[(\d+x\d+)[^\]]*\]/gm)].map(([, device = '', name, size]) => ({
    driver: 'rpicam',
    device,
    name: `${name} ${size}`,
  }));
}
