import type { Guest } from './guest.ts';

/** A simulated GPIO chip of the kernel (its Documentation/admin-guide/gpio/gpio-sim.rst), whose wires are pulled from within. */
export interface GpioSim {
  pull(name: string, to: 'up' | 'down'): Promise<void>;
  /** The level of a line, whoever drives it. */
  level(name: string): Promise<boolean>;
}

/** Makes a chip with 28 lines, as the header of a Raspberry Pi has. `lines`: the names of some. */
export async function makeGpioSim(
  guest: Guest,
  label: string,
  lines: Record<number, string>,
): Promise<GpioSim> {
  const chip = '/sys/kernel/config/gpio-sim/desk';
  const named = Object.entries(lines).map(
    ([line, name]) => `mkdir -p ${chip}/bank/line${line}; echo ${name} > ${chip}/bank/line${line}/name`,
  );
  await guest.run(
    `set -e; mkdir -p ${chip}/bank; echo 28 > ${chip}/bank/num_lines; echo ${label} > ${chip}/bank/label; ${named.join('; ')}; echo 1 > ${chip}/live`,
  );
  const device = `/sys/devices/platform/$(cat ${chip}/dev_name)/$(cat ${chip}/bank/chip_name)`;
  const folder = (await guest.run(`echo ${device}`)).trim();
  const lineOf = (name: string) => {
    const found = Object.entries(lines).find(([, each]) => each === name);
    if (!found) throw new Error(`no line ${name}`);
    return `${folder}/sim_gpio${found[0]}`;
  };
  return {
    async pull(name, to) {
      await guest.run(`echo pull-${to} > ${lineOf(name)}/pull`);
    },
    level: async (name) => (await guest.run(`cat ${lineOf(name)}/value`)).trim() === '1',
  };
}
