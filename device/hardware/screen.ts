import type { ReadStream, WriteStream } from 'node:tty';

/** A terminal, perhaps over ssh on a phone. */
export interface Terminal {
  /** null: nobody can press a key. */
  readonly input: ReadStream | null;
  readonly output: WriteStream;
}

const HIDE_CURSOR = '\x1b[?25l';
const SHOW_CURSOR = '\x1b[?25h';
const END_OF_LINE = '\x1b[K';
const END_OF_SCREEN = '\x1b[J';

/** Of a line; one less than there are, for the last makes some terminals begin a new line. */
export function columnsOf({ output }: Terminal): number {
  return Math.max((output.columns || 80) - 1, 20);
}

/** Lines at the bottom of a terminal that are drawn anew in their place; and single keys. */
export class Screen {
  readonly #terminal: Terminal;
  /** Lines that stand there now. */
  #drawn = 0;

  constructor(terminal: Terminal, onKey: (key: string) => void) {
    this.#terminal = terminal;
    const { input, output } = terminal;
    output.write(HIDE_CURSOR);
    // Narrower, its lines take more than one, and nobody knows how many stand there.
    output.on('resize', () => this.#clear());
    input?.setRawMode(true).setEncoding('utf8').resume();
    input?.on('data', (keys: string) => [...keys].forEach(onKey));
  }

  draw(lines: readonly string[]): void {
    const { output } = this.#terminal;
    const rows = Math.max((output.rows || 24) - 1, 3);
    // What has scrolled out of sight cannot be drawn anew.
    const shown =
      lines.length <= rows
        ? lines
        : [...lines.slice(0, rows - 1), `… ${lines.length - rows + 1} more lines: make the window higher`];
    const up = this.#drawn > 0 ? `\x1b[${this.#drawn}A` : '';
    output.write(`${up}\r${shown.map((line) => `${line}${END_OF_LINE}\n`).join('')}${END_OF_SCREEN}`);
    this.#drawn = shown.length;
  }

  /** Takes the lines away and gives the terminal back as it was. */
  close(): void {
    const { input, output } = this.#terminal;
    this.draw([]);
    output.write(SHOW_CURSOR);
    input?.setRawMode(false).pause();
  }

  #clear(): void {
    this.#terminal.output.write(`\x1b[H${END_OF_SCREEN}`);
    this.#drawn = 0;
  }
}
