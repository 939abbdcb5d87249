import { expect, test } from 'vitest';
import { chooseMode, parseFormats } from './v4l2-formats.ts';

/** What v4l2-ctl prints: a webcam with H.264 of its own (Logitech C920, v4l-utils 1.12), shortened. */
const OLD = `ioctl: VIDIOC_ENUM_FMT
	Index       : 0
	Type        : Video Capture
	Pixel Format: 'YUYV'
	Name        : YUYV 4:2:2
		Size: Discrete 640x480
			Interval: Discrete 0.033s (30.000 fps)
			Interval: Discrete 0.067s (15.000 fps)

	Index       : 1
	Type        : Video Capture
	Pixel Format: 'H264' (compressed)
	Name        : H.264
		Size: Discrete 640x480
			Interval: Discrete 0.033s (30.000 fps)
		Size: Discrete 1920x1080
			Interval: Discrete 0.033s (30.000 fps)

	Index       : 2
	Type        : Video Capture
	Pixel Format: 'MJPG' (compressed)
	Name        : Motion-JPEG
		Size: Discrete 640x480
			Interval: Discrete 0.033s (30.000 fps)
`;

/** A plain webcam (v4l-utils 1.22), shortened. */
const WEBCAM = `ioctl: VIDIOC_ENUM_FMT
	Type: Video Capture

	[0]: 'MJPG' (Motion-JPEG, compressed)
		Size: Discrete 1280x720
			Interval: Discrete 0.033s (30.000 fps)
			Interval: Discrete 0.040s (25.000 fps)
			Interval: Discrete 0.133s (7.500 fps)
		Size: Discrete 640x360
			Interval: Discrete 0.033s (30.000 fps)
			Interval: Discrete 0.050s (20.000 fps)
			Interval: Discrete 0.100s (10.000 fps)
	[1]: 'YUYV' (YUYV 4:2:2)
		Size: Discrete 640x480
			Interval: Discrete 0.033s (30.000 fps)
`;

/** The first camera module of a Pi at the driver bcm2835-v4l2. */
const STEPWISE = `	[0]: 'YU12' (Planar YUV 4:2:0)
		Size: Stepwise 32x32 - 2592x1944 with step 2/2
			Interval: Continuous 0.011s - 1.000s (1.000-90.000 fps)
	[1]: 'JPEG' (JFIF JPEG, compressed)
		Size: Stepwise 32x32 - 2592x1944 with step 2/2
			Interval: Stepwise 0.040s - 1.000s with step 0.040s (1.000-25.000 fps)
`;

/** The kernel's vivid, of dozens of formats (v4l-utils 1.22, Linux 6.12), shortened. */
const VIVID = `	[0]: 'YUYV' (YUYV 4:2:2, csc-colorspace, csc-ycbcr, csc-quantization, csc-xfer-func)
		Size: Discrete 320x180
			Interval: Discrete 0.080s (12.500 fps)
			Interval: Discrete 0.067s (15.000 fps)
	[5]: 'YU12' (Planar YUV 4:2:0, csc-colorspace, csc-ycbcr, csc-quantization, csc-xfer-func)
		Size: Discrete 320x180
			Interval: Discrete 0.080s (12.500 fps)
			Interval: Discrete 0.067s (15.000 fps)
	[13]: 'Y10 ' (10-bit Greyscale, csc-colorspace, csc-ycbcr, csc-quantization, csc-xfer-func)
		Size: Discrete 320x180
`;

/** The receiver of a Pi's ribbon cable, which is no camera by itself, and the second device of a USB camera. */
const BARE = "	[0]: 'pBAA' (10-bit Bayer BGBG/GRGR Packed)\n	[1]: 'BG10' (10-bit Bayer BGBG/GRGR)\n";
const NOTHING = 'ioctl: VIDIOC_ENUM_FMT\n	Type: Video Capture\n\n';

const wanted = { format: 'auto', size: '640x480', rate: 15 } as const;

test('auto takes H.264 before JPEG before raw pictures', () => {
  expect(chooseMode(parseFormats(OLD), wanted)).toMatchObject({ format: 'h264', h264: true });
  expect(chooseMode(parseFormats(WEBCAM), wanted)).toMatchObject({ format: 'mjpeg', h264: false });
  expect(chooseMode(parseFormats(VIVID), wanted)).toMatchObject({ format: 'yuv420p', h264: false });
});

test('a format that is asked for is taken, or none', () => {
  expect(chooseMode(parseFormats(OLD), { ...wanted, format: 'raw' })).toEqual({
    format: 'yuyv422',
    h264: false,
    size: '640x480',
    rate: 15,
  });
  expect(chooseMode(parseFormats(WEBCAM), { ...wanted, format: 'h264' })).toBeNull();
  expect(chooseMode(parseFormats(STEPWISE), { ...wanted, format: 'mjpeg' })?.format).toBe('mjpeg');
});

test('size and rate are the nearest offered, of that format and that size', () => {
  const near = (text: string, size: string, rate: number) => {
    const mode = chooseMode(parseFormats(text), { format: 'auto', size, rate });
    return [mode?.size, mode?.rate];
  };
  expect(near(WEBCAM, '640x480', 15)).toEqual(['640x360', 20]);
  expect(near(WEBCAM, '640x480', 11)).toEqual(['640x360', 10]);
  expect(near(WEBCAM, '1920x1080', 5)).toEqual(['1280x720', 7.5]);
  expect(near(OLD, '800x600', 60)).toEqual(['640x480', 30]);
  expect(near(VIVID, '640x480', 13)).toEqual(['320x180', 12.5]);
});

test('sizes in steps and rates in ranges are met exactly where they can be', () => {
  const near = (size: string, rate: number) =>
    chooseMode(parseFormats(STEPWISE), { format: 'raw', size, rate });
  expect(near('641x481', 15)).toMatchObject({ size: '642x482', rate: 15 });
  expect(near('4000x3000', 120)).toMatchObject({ size: '2592x1944', rate: 90 });
  expect(near('16x16', 0.5)).toMatchObject({ size: '32x32', rate: 1 });
});

test('what cannot be read is not taken; a driver that tells no sizes takes the nearest by itself', () => {
  expect(chooseMode(parseFormats(BARE), wanted)).toBeNull();
  expect(parseFormats(BARE).map(({ fourcc }) => fourcc)).toEqual(['pBAA', 'BG10']);
  expect(parseFormats(NOTHING)).toEqual([]);
  expect(chooseMode(parseFormats("	[0]: 'MJPG' (Motion-JPEG, compressed)\n"), wanted)).toEqual({
    format: 'mjpeg',
    h264: false,
    size: '640x480',
    rate: 15,
  });
});
