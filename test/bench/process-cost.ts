import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const TICKS_A_SECOND = Number(execFileSync('getconf', ['CLK_TCK']));

/** Seconds of user and system time of processes, with that of the children they have already waited for (proc(5), fields 14 to 17). */
export function cpuSeconds(processes: readonly { pid: number }[]): number {
  const ticks = processes.map(({ pid }) => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  });
  return ticks.reduce((sum, own) => sum + own, 0) / TICKS_A_SECOND;
}

/** MB (10⁶ bytes) that processes keep in memory; what they share with others counts in part (proc(5), Pss). */
export function memoryOf(processes: readonly { pid: number }[]): number {
  const kilobytes = processes.map(({ pid }) => {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1');
    return Number(/^Pss:\s*(\d+) kB$/m.exec(rollup)?.[1]);
  });
  return (kilobytes.reduce((sum, own) => sum + own, 0) * 1024) / 1e6;
}
