import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { connectLines } from './line-socket.ts';
import type { Machine } from './machine.ts';

/**
 * The wires at the GPIO chip of QEMU's ARM board, an ARM PL061 with 8 lines (ARM DDI 0190B), moved from outside the
 * machine: a change raises the interrupt that a real one would.
 */
export interface Pl061 {
  /** Lets the wire of an input be high or low. */
  drive(line: number, high: boolean): Promise<void>;
  /** The level of a line, as it is at the chip. */
  level(line: number): Promise<boolean>;
  close(): void;
}

/** Where the board has it (QEMU's hw/arm/virt.c). */
const BASE = 0x0903_0000;
/** Data register, with the mask of all 8 lines in the address. */
const DATA = BASE + 0x3fc;

export const qtestArgs = (folder: string) => [
  '-qtest',
  `unix:${join(folder, 'qtest')},server=on,wait=off`,
  '-qtest-log',
  'none',
];

/** The machine must have been started with `qtestArgs`. */
export async function connectPl061({ folder, qmp }: Machine): Promise<Pl061> {
  const path = join(folder, 'qtest');
  if (!existsSync(path)) throw new Error(`${path} is missing`);
  const socket = await connectLines(path);
  const unattached = '/machine/unattached';
  const parts = (await qmp.order('qom-list', { path: unattached })) as { name: string; type: string }[];
  const chip = parts.find(({ type }) => type.includes('pl061'));
  if (!chip) throw new Error('the board has no PL061');
  const ask = async (command: string) => {
    const answer = await socket.ask(command);
    if (!answer.startsWith('OK')) throw new Error(`qtest: ${command}: ${answer}`);
    return answer.slice(3);
  };
  return {
    async drive(line, high) {
      await ask(`set_irq_in ${unattached}/${chip.name} unnamed-gpio-in ${line} ${high ? 1 : 0}`);
    },
    level: async (line) => ((Number(await ask(`readl 0x${DATA.toString(16)}`)) >> line) & 1) === 1,
    close: socket.close,
  };
}
