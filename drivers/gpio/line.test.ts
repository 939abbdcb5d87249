import { expect, test } from 'vitest';
import { chipOf, isBusy, lineFailed, nameOf, offsetOf } from './line.ts';

const at = (line: number | string, chip?: string) => ({ line, chip, activeLow: false });

test('names and numbers', () => {
  expect(nameOf(at(17))).toBe('GPIO17');
  expect(nameOf(at(3, 'gpio-sim.0'))).toBe('line 3 of gpio-sim.0');
  expect(nameOf(at('button-1', 'gpio-sim.0'))).toBe('button-1 of gpio-sim.0');
  expect(offsetOf(at(17))).toBe(17);
  expect(offsetOf(at('GPIO17'))).toBe(17);
  // Another chip may have a line of that name elsewhere.
  expect(offsetOf(at('GPIO17', 'gpio-sim.0'))).toBe(null);
  expect(offsetOf(at('TXD1'))).toBe(null);
});

test('the chip of the header is found by its label, whichever Pi it is; another by its own', () => {
  const rp1 = [{ label: 'gpio-brcmstb@107d508500' }, { label: 'pinctrl-rp1' }];
  expect(chipOf(rp1, at(17)).label).toBe('pinctrl-rp1');
  expect(chipOf([{ label: 'raspberrypi-exp-gpio' }, { label: 'pinctrl-bcm2711' }], at(17)).label).toBe(
    'pinctrl-bcm2711',
  );
  expect(chipOf([{ label: 'pinctrl-bcm2835' }], at(17)).label).toBe('pinctrl-bcm2835');
  expect(chipOf(rp1, at(3, 'gpio-brcmstb@107d508500')).label).toBe('gpio-brcmstb@107d508500');
  expect(() => chipOf([{ label: 'pl061' }], at(17))).toThrow(
    /no GPIO chip labelled pinctrl-rp1 or .*: pl061$/,
  );
  expect(() => chipOf([], at(17))).toThrow(/there are: none$/);
});

test.each([
  [Object.assign(new Error('EBUSY: write'), { code: 'EBUSY' }), /Stop the program that uses it/],
  [new Error('gpiomon: error waiting for events: Device or resource busy'), /Stop the program that uses it/],
  [new Error('gpiomon: unable to request lines on chip /dev/gpiochip0: Device or resource busy'), /Stop the/],
  [Object.assign(new Error('EACCES: open'), { code: 'EACCES' }), /group `gpio`/],
  [new Error("gpioget: unable to open chip '/dev/gpiochip0': Permission denied"), /group `gpio`/],
  [Object.assign(new Error('EINVAL: write'), { code: 'EINVAL' }), /BCM number \(17\), not the pin/],
  [new Error('gpioget: error reading GPIO values: Invalid argument'), /BCM number \(17\), not the pin/],
  [Object.assign(new Error('ENODEV: read'), { code: 'ENODEV' }), /gpiodetect/],
  [new Error("gpiomon: cannot find GPIO chip character device 'gpiochip9'"), /gpiodetect/],
  [new Error('something else'), /`gpioinfo`/],
])('the remedy for %s', (error, remedy) => {
  const failed = lineFailed(at(17), error, { holder: 'spi0 CS0' });
  expect(failed).toMatchObject({ code: 'CA_LINE_FAILED', remedy: expect.stringMatching(remedy) });
  expect(failed.message).toBe(`GPIO17: ${error.message} (used by spi0 CS0)`);
  expect(lineFailed(at(17), failed)).toBe(failed);
  expect(isBusy(error)).toBe(/busy/i.test(error.message));
});
