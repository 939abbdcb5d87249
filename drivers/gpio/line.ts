import { CaError, messageOf } from '../../device/errors.ts';

/** Which line of which chip, as the config names it. */
export interface LineAddress {
  /** BCM number (offset on the chip), or the name of the line. */
  readonly line: number | string;
  /** Label of the chip; without, it is the one of the Raspberry Pi's header. */
  readonly chip?: string | undefined;
  readonly activeLow: boolean;
}

/** Labels of the chips that have the header: Pi 5, Pi 4, all before. Their numbers change with the kernel, these do not. */
const HEADER = ['pinctrl-rp1', 'pinctrl-bcm2711', 'pinctrl-bcm2835'];

/** For messages: `GPIO17`, `line 3 of gpio-sim.0`. */
export function nameOf({ line, chip }: LineAddress): string {
  const what = typeof line === 'string' ? line : chip === undefined ? `GPIO${line}` : `line ${line}`;
  return chip === undefined ? what : `${what} of ${chip}`;
}

/** The offset on its chip where the address says it; null: the chip has to be asked for the name. */
export function offsetOf({ line, chip }: LineAddress): number | null {
  if (typeof line === 'number') return line;
  // The header's lines are so named, but for those that an old device tree names by another use, such as TXD1 for 14.
  const bcm = chip === undefined ? /^GPIO(\d{1,2})$/.exec(line) : null;
  return bcm ? Number(bcm[1]) : null;
}

/** The chip of an address. @throws CaError CA_LINE_FAILED: there is none with its label. */
export function chipOf<C extends { label: string }>(chips: readonly C[], address: LineAddress): C {
  const labels = address.chip === undefined ? HEADER : [address.chip];
  for (const label of labels) {
    const chip = chips.find((each) => each.label === label);
    if (chip) return chip;
  }
  const found = chips.map(({ label }) => label).join(', ') || 'none';
  throw new CaError(
    'CA_LINE_FAILED',
    `${nameOf(address)}: no GPIO chip labelled ${labels.join(' or ')}; there are: ${found}`,
    {
      remedy:
        'Set `chip` to the label of the chip that has the line: `gpiodetect` (Debian package gpiod) shows them in brackets.',
    },
  );
}

/** The address has a number that its chip does not. */
export function beyond({ label, lines }: { label: string; lines: number }, address: LineAddress): CaError {
  return new CaError('CA_LINE_FAILED', `${nameOf(address)}: ${label} has ${lines} lines, 0 to ${lines - 1}`);
}

type Fault = 'busy' | 'denied' | 'absent' | 'invalid';

/** What errno, or the words of a program for it (strerror), say about a line. */
function faultOf(error: unknown): Fault | null {
  const said = `${(error as { code?: unknown } | null)?.code ?? ''} ${messageOf(error)}`;
  if (/EBUSY|resource busy/.test(said)) return 'busy';
  if (/EACCES|EPERM|ermission denied|not permitted/.test(said)) return 'denied';
  if (/ENOENT|ENODEV|No such (file|device)|cannot find/.test(said)) return 'absent';
  if (/EINVAL|Invalid argument|invalid|out of range/i.test(said)) return 'invalid';
  return null;
}

const REMEDIES: Record<Fault, string> = {
  busy: 'Stop the program that uses it, take the overlay that does out of /boot/firmware/config.txt, or wire another line; `gpioinfo` (Debian package gpiod) shows who uses which.',
  denied: 'Add the user of the service to the group `gpio` and restart it: `usermod -aG gpio USER`.',
  absent:
    'See whether the chip is there: `gpiodetect` (Debian package gpiod); it is tried again by itself. Where the kernel has no /sys/class/gpio, set `backend: gpiod`.',
  invalid:
    'Check the number of the line: it is the BCM number (17), not the pin of the header (11); `gpioinfo` (Debian package gpiod) lists what there is.',
};

export const isBusy = (error: unknown) => faultOf(error) === 'busy';

/** What happened to a line, with the remedy that fits. `holder`: who uses it, where that is known. */
export function lineFailed(
  address: LineAddress,
  error: unknown,
  { holder, remedy }: { holder?: string | null; remedy?: string } = {},
): CaError {
  if (error instanceof CaError) return error;
  const fault = faultOf(error);
  const advice = remedy ?? (fault === null ? null : REMEDIES[fault]);
  const user = holder ? ` (used by ${holder})` : '';
  return new CaError('CA_LINE_FAILED', `${nameOf(address)}: ${messageOf(error)}${user}`, {
    cause: error,
    ...(advice === null ? {} : { remedy: advice }),
  });
}
