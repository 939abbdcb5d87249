const FIRST = 500;

/**
 * Milliseconds to wait after failure number `failures` (1, 2, …) in a row: from half a second, doubling, to `longest`;
 * shortened at random by up to half, so that what broke together is not tried again together. `random` is in [0, 1).
 */
export function backOff(failures: number, longest: number, random = Math.random()): number {
  return Math.min(longest, FIRST * 2 ** (failures - 1)) * (1 - random / 2);
}
