import { describe, expect, test } from 'vitest';
import { camerasOf, parseRpicamList } from './cameras.ts';
import { chipsOfSysfs, parseGpiodetect, parseGpioinfo } from './gpio.ts';
import { parseInputDevices } from './input-devices.ts';
import { parseArecordCards, parseArecordNames } from './microphones.ts';
import { serialPorts } from './serial-ports.ts';

/** What the tools print is as public reports of Pi 4, Pi 5 and Pi 500 have it, shortened. */

describe('GPIO', () => {
  test('chips of a Pi 5 and a Pi 4, with one line and with many', () => {
    const text = `gpiochip10 [gpio-brcmstb@107d508500] (32 lines)
gpiochip0 [pinctrl-rp1] (54 lines)
gpiochip1 [raspberrypi-exp-gpio] (8 lines)
gpiochip5 [rk817-gpio] (1 lines)
`;
    expect(parseGpiodetect(text)).toEqual([
      { name: 'gpiochip10', label: 'gpio-brcmstb@107d508500', lines: 32 },
      { name: 'gpiochip0', label: 'pinctrl-rp1', lines: 54 },
      { name: 'gpiochip1', label: 'raspberrypi-exp-gpio', lines: 8 },
      { name: 'gpiochip5', label: 'rk817-gpio', lines: 1 },
    ]);
    expect(parseGpiodetect('')).toEqual([]);
  });

  test('used lines by libgpiod 1 (Pi 4, and a Pi 5 with its other column widths)', () => {
    const text = `gpiochip0 - 58 lines:
\tline   0:     "ID_SDA"       unused   input  active-high 
\tline   7:  "SPI_CE1_N"   "spi0 CS1"  output   active-low [used]
\tline   8:  "SPI_CE0_N"   "spi0 CS0"  output   active-low [used pull-up]
\tline  17:     "GPIO17"      "sysfs"   input  active-high [used]
\tline  18:     "GPIO18"       kernel   input  active-high [used]
gpiochip10 - 32 lines:
        line   0:          "-"       unused   input  active-high 
        line   1: "2712_BOOT_CS_N" "spi10 CS0" output active-low [used]
        line   4:      unnamed "host-wakeup" input active-high [used]
        line  20:          "-" "pwr_button"   input   active-low [used]
`;
    expect([...parseGpioinfo(text)]).toEqual([
      [
        'gpiochip0',
        [
          { line: 7, name: 'SPI_CE1_N', consumer: 'spi0 CS1' },
          { line: 8, name: 'SPI_CE0_N', consumer: 'spi0 CS0' },
          { line: 17, name: 'GPIO17', consumer: 'sysfs' },
          { line: 18, name: 'GPIO18', consumer: 'kernel' },
        ],
      ],
      [
        'gpiochip10',
        [
          { line: 1, name: '2712_BOOT_CS_N', consumer: 'spi10 CS0' },
          { line: 4, name: '', consumer: 'host-wakeup' },
          { line: 20, name: '', consumer: 'pwr_button' },
        ],
      ],
    ]);
  });

  test('used lines by libgpiod 2 (Pi 500)', () => {
    const text = `gpiochip0 - 54 lines:
\tline   0:\t"ID_SDA"        \tinput
\tline   7:\t"GPIO7"         \toutput active-low consumer="spi0 CS1"
\tline   8:\tunnamed         \tinput edges=both bias=pull-up consumer=gpiomon
\tline  29:\t"-"             \tinput
`;
    expect([...parseGpioinfo(text)]).toEqual([
      [
        'gpiochip0',
        [
          { line: 7, name: 'GPIO7', consumer: 'spi0 CS1' },
          { line: 8, name: '', consumer: 'gpiomon' },
        ],
      ],
    ]);
  });

  test('of sysfs: an exported line belongs to the chip whose numbers it is among', () => {
    const chips = [
      { name: 'gpiochip512', label: 'pinctrl-bcm2711', base: 512, lines: 58 },
      { name: 'gpiochip570', label: 'raspberrypi-exp-gpio', base: 570, lines: 8 },
    ];
    expect(chipsOfSysfs(chips, [529, 570])).toEqual([
      {
        name: 'gpiochip512',
        label: 'pinctrl-bcm2711',
        lines: 58,
        used: [{ line: 17, name: '', consumer: 'sysfs' }],
      },
      {
        name: 'gpiochip570',
        label: 'raspberrypi-exp-gpio',
        lines: 8,
        used: [{ line: 0, name: '', consumer: 'sysfs' }],
      },
    ]);
  });
});

test('serial ports: what udev knows of them, and the names that stay', () => {
  const links = new Map([
    ['/dev/serial0', '/dev/ttyAMA0'],
    ['/dev/serial/by-id/usb-1a86_USB_Serial-if00-port0', '/dev/ttyUSB0'],
  ]);
  const inDev = ['/dev/tty0', '/dev/ttyAMA0', '/dev/ttyUSB0', '/dev/ttyprintk'];
  const listed = [
    { path: '/dev/ttyUSB0', manufacturer: 'QinHeng', vendorId: '1a86', productId: '7523' },
    { path: '/dev/rfcomm0' },
  ];
  expect(serialPorts(listed, inDev, links)).toEqual([
    { path: '/dev/ttyAMA0', links: ['/dev/serial0'], about: '' },
    {
      path: '/dev/ttyUSB0',
      links: ['/dev/serial/by-id/usb-1a86_USB_Serial-if00-port0'],
      about: 'QinHeng 1a86:7523',
    },
  ]);
  expect(serialPorts([], inDev, links).map(({ path }) => path)).toEqual(['/dev/ttyAMA0', '/dev/ttyUSB0']);
});

test('input devices: those with keys, by the name that stays', () => {
  const text = `I: Bus=0003 Vendor=04d9 Product=1203 Version=0111
N: Name="HID 04d9:1203"
P: Phys=usb-0000:01:00.0-1.3/input0
S: Sysfs=/devices/platform/scb/fd500000.pcie/usb1/1-1/1-1.3/input/input0
U: Uniq=
H: Handlers=sysrq kbd leds event0 
B: EV=120013

I: Bus=0000 Vendor=0000 Product=0000 Version=0000
N: Name="vc4-hdmi-0 HDMI Jack"
H: Handlers=event1 
B: EV=21

I: Bus=0003 Vendor=08ff Product=0009 Version=0111
N: Name="Sycreader "RFID""
H: Handlers=kbd event12 
`;
  const links = new Map([['/dev/input/by-id/usb-04d9_1203-event-kbd', '/dev/input/event0']]);
  expect(parseInputDevices(text, links)).toEqual([
    { path: '/dev/input/event0', name: 'HID 04d9:1203', links: ['/dev/input/by-id/usb-04d9_1203-event-kbd'] },
    { path: '/dev/input/event12', name: 'Sycreader "RFID"', links: [] },
  ]);
  expect(parseInputDevices('', links)).toEqual([]);
});

describe('cameras', () => {
  const info = (caps: string) =>
    `Driver Info:\n\tDriver name      : uvcvideo\n\tCapabilities     : 0x84a00001\n\tDevice Caps      : ${caps}\n`;

  test('the node with the pictures; not the one with notes, nor the codecs of the Pi', () => {
    const nodes = [
      { node: 'video0', name: 'HD Pro Webcam C920', index: 0, info: info('0x04200001') },
      { node: 'video1', name: 'HD Pro Webcam C920', index: 1, info: info('0x04a00000') },
      { node: 'video2', name: 'a converter', index: 0, info: info('0x04208000') },
      { node: 'video10', name: 'bcm2835-codec-decode', index: 0, info: null },
      { node: 'video13', name: 'bcm2835-isp-capture0', index: 0, info: info('0x05200001') },
      { node: 'video20', name: 'pispbe-input', index: 0, info: null },
    ];
    const found = [{ driver: 'v4l2', device: '/dev/video0', name: 'HD Pro Webcam C920' }];
    expect(camerasOf(nodes)).toEqual(found);
    const without = nodes.filter(({ node }) => node !== 'video2').map((node) => ({ ...node, info: null }));
    expect(camerasOf(without)).toEqual(found);
  });

  test('of libcamera, as three releases print them', () => {
    const text = `Available cameras
-----------------
0 : imx708_wide [4608x2592 10-bit RGGB] (/base/soc/i2c0mux/i2c@1/imx708@1a)
    Modes: 'SRGGB10_CSI2P' : 1536x864 [120.13 fps - (768, 432)/3072x1728 crop]
                             2304x1296 [56.03 fps - (0, 0)/4608x2592 crop]
1 : imx477 [4056x3040] (/base/soc/i2c0mux/i2c@1/imx477@1a)
    Modes: 'SRGGB10_CSI2P' : 1332x990 (120.00 fps)
`;
    expect(parseRpicamList(text)).toEqual([
      { driver: 'rpicam', device: '0', name: 'imx708_wide 4608x2592' },
      { driver: 'rpicam', device: '1', name: 'imx477 4056x3040' },
    ]);
    expect(parseRpicamList('No cameras available!\n')).toEqual([]);
  });
});

test('microphones: cards by name, and sound servers', () => {
  const cards = `**** List of CAPTURE Hardware Devices ****
card 1: Device [Generic USB Audio Device], device 0: USB Audio [USB Audio]
  Subdevices: 1/1
  Subdevice #0: subdevice #0
card 2: U0x46d0x825 [USB Device 0x46d:0x825], device 0: USB Audio [USB Audio]
card 3: sndrpii2s [snd_rpi_i2s], device 1: audio wm8731-hifi-0 []
`;
  expect(parseArecordCards(cards)).toEqual([
    { device: 'plughw:CARD=Device,DEV=0', name: 'Generic USB Audio Device, USB Audio' },
    { device: 'plughw:CARD=U0x46d0x825,DEV=0', name: 'USB Device 0x46d:0x825, USB Audio' },
    { device: 'plughw:CARD=sndrpii2s,DEV=1', name: 'snd_rpi_i2s' },
  ]);
  const names = `null
    Discard all samples (playback) or generate zero samples (capture)
default
    Playback/recording through the PulseAudio sound server
lavrate
    Rate Converter Plugin Using Libav/FFmpeg Library
pulse
    PulseAudio Sound Server
hw:CARD=Device,DEV=0
    Generic USB Audio Device, USB Audio
    Direct hardware device without any conversions
`;
  expect(parseArecordNames(names)).toEqual([
    { device: 'default', name: 'Playback/recording through the PulseAudio sound server' },
    { device: 'pulse', name: 'PulseAudio Sound Server' },
  ]);
});
