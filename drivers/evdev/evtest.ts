/**
 * What `evtest --grab DEVICE` says (Debian package evtest, 1.35). It grabs by EVIOCGRAB, so that no console and
 * no desktop gets the keys, and prints without a buffer into a pipe: a line may come in several pieces. After some
 * lines on the device:
 *
 *     Testing ... (interrupt to exit)
 *     Event: time 1586524983.094859, type 4 (EV_MSC), code 4 (MSC_SCAN), value 70072
 *     Event: time 1586524983.094859, type 1 (EV_KEY), code 193 (KEY_F23), value 1
 *     Event: time 1586524983.094859, -------------- SYN_REPORT ------------
 *
 * The value is 1 for down, 0 for up and 2 for a repeat while it is held. If another program has grabbed the device it
 * says so right after `Testing`, and stays, hearing nothing. When the device goes, it ends with code 1 and
 * `evtest: error reading: No such device` on stderr.
 */
export type EvtestNews =
  /** The device is open; grabbed, unless `taken` follows at once. */
  | { kind: 'open' }
  | { kind: 'taken' }
  /** `name` as in linux/input-event-codes.h, such as KEY_1 or BTN_0. */
  | { kind: 'key'; name: string; value: 'up' | 'down' | 'repeat' }
  /** The kernel lost events: nobody read them in time. */
  | { kind: 'gap' };

const KEY = /^Event: time \d+\.\d+, type 1 \(EV_KEY\), code \d+ \((\w+)\), value ([012])$/;
const VALUES = ['up', 'down', 'repeat'] as const;
/** Longer lines are only in the description of the device. Characters. */
const LONGEST_LINE = 200;

/** Its output, cut anywhere, into news. */
export class EvtestParser {
  #rest = '';
  #open = false;

  push(text: string): EvtestNews[] {
    const lines = (this.#rest + text).split('\n');
    // What is too long already will be so when it ends.
    this.#rest = (lines.pop() ?? '').slice(0, LONGEST_LINE + 1);
    return lines.flatMap((line) => this.#read(line) ?? []);
  }

  #read(line: string): EvtestNews | null {
    if (!this.#open) {
      // Before, the device describes itself, and may call itself what it likes.
      this.#open = line === 'Testing ... (interrupt to exit)';
      return this.#open ? { kind: 'open' } : null;
    }
    if (line === '  This device is grabbed by another process.') return { kind: 'taken' };
    if (line.includes(' SYN_DROPPED ')) return { kind: 'gap' };
    const [, name, digit] = line.length > LONGEST_LINE ? [] : (KEY.exec(line) ?? []);
    const value = VALUES[Number(digit)];
    return name !== undefined && value !== undefined ? { kind: 'key', name, value } : null;
  }
}
