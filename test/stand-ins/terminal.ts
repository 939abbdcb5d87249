import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A terminal with a program in it, as a person sees it. */
export interface PlayedTerminal {
  /** The lines that stand there now, those that have scrolled away too, without colours. */
  screen(): string[];
  /** Everything that was written to it. */
  written(): string;
  type(keys: string): void;
  /** The terminal goes away under the program, as when an ssh connection ends. Resolves when the program has ended, too. */
  hangUp(): Promise<void>;
  /** Resolves with the program's exit code when it has ended. */
  ended: Promise<number | null>;
  /** Ends the program, where it has not ended. */
  stop(): Promise<void>;
}

/** Starts a program on a real pseudo-terminal, by `script` of util-linux, which every Debian has. */
export function inTerminal(command: readonly string[], columns: number, rows: number): PlayedTerminal {
  const quoted = command.map((word) => `'${word}'`).join(' ');
  // The shell becomes the program, whose id is so known; it is not the child, which is `script`.
  const line = `stty cols ${columns} rows ${rows}; echo "pid $$"; exec ${quoted}`;
  const child = spawn('script', ['-qfec', line, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] });
  let written = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    written += text;
  });
  const ended = once(child, 'close').then(([code]) => code as number | null);
  const program = () => Number(/^pid (\d+)/.exec(written)?.[1] ?? 0);
  return {
    screen: () => shown(written),
    written: () => written,
    type: (keys) => void child.stdin.write(keys),
    ended,
    async hangUp() {
      child.kill('SIGKILL');
      await ended;
      while (existsSync(`/proc/${program()}`)) await sleep(20);
    },
    async stop() {
      // As long as `script` lives, so does what it has started: the number is still that of our program.
      if (child.exitCode === null && child.signalCode === null && program() > 0)
        process.kill(program(), 'SIGTERM');
      await ended;
    },
  };
}

/** What a terminal makes of a text: of its control sequences, those that our programs use. */
export function shown(text: string): string[] {
  const lines: string[] = [''];
  let [row, column] = [0, 0];
  for (const [, number, letter, other] of text.matchAll(/\x1b\[\??(\d*)[\d;]*([A-Za-z])|([\s\S])/gu)) {
    if (other === '\n') row++;
    else if (other === '\r') column = 0;
    else if (other !== undefined) {
      const line = (lines[row] ?? '').padEnd(column);
      lines[row] = line.slice(0, column) + other + line.slice(column + 1);
      column++;
    } else if (letter === 'A') row = Math.max(row - Number(number || 1), 0);
    else if (letter === 'K') lines[row] = (lines[row] ?? '').slice(0, column);
    else if (letter === 'J') {
      lines[row] = (lines[row] ?? '').slice(0, column);
      lines.length = row + 1;
    } else if (!['m', 'h', 'l'].includes(letter ?? '')) throw new Error(`unknown sequence …${letter}`);
    lines[row] ??= '';
  }
  return lines.map((line) => line.trimEnd());
}
