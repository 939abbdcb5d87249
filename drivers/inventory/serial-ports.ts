export interface SerialPortFound {
  readonly path: string;
  /** Other names of it, which stay the same when it is plugged in elsewhere: /dev/serial0, /dev/serial/by-id/… */
  readonly links: readonly string[];
  /** Who made it and its USB ids; empty where that is not known. */
  readonly about: string;
}

/** What `SerialPort.list()` says of a port. */
export interface ListedPort {
  path: string;
  manufacturer?: string | undefined;
  vendorId?: string | undefined;
  productId?: string | undefined;
}

/** A UART of the Pi, a USB converter, a microcontroller with USB. */
const SERIAL = /^\/dev\/tty(S|AMA|USB|ACM)\d+$/;

/**
 * Ports out of what udev lists and what /dev has. Pure. `links` maps a link to the path it leads to. Where udev is not
 * installed, `listed` is empty and the names in /dev are all there is.
 */
export function serialPorts(
  listed: readonly ListedPort[],
  inDev: readonly string[],
  links: ReadonlyMap<string, string>,
): SerialPortFound[] {
  const known = new Map(listed.map((port) => [port.path, port]));
  const paths = new Set([...known.keys(), ...inDev, ...links.values()].filter((path) => SERIAL.test(path)));
  return [...paths].sort().map((path) => {
    const { manufacturer, vendorId, productId } = known.get(path) ?? {};
    const usb = vendorId && productId ? `${vendorId}:${productId}` : '';
    return {
      path,
      links: [...links].filter(([, to]) => to === path).map(([link]) => link),
      about: [manufacturer, usb].filter(Boolean).join(' '),
    };
  });
}
