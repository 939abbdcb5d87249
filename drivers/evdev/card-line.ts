/** A reader types a card within a fraction of a second; what comes after such a pause is another one. Milliseconds. */
const PAUSE = 1_000;
/** Characters; longer is no card. */
const LONGEST = 32;

const SHIFT = /^KEY_(LEFT|RIGHT)SHIFT$/;
const ENTER = /^KEY_(KP)?ENTER$/;
const DIGIT = /^KEY_(?:KP)?(\d)$/;
const LETTER = /^KEY_([A-Z])$/;

/**
 * From keys to the card that was read: digits and letters until Enter, as they would stand in an editor with an
 * American layout, which readers type for. Other keys (a separator, a track's sentinels) are left out.
 */
export class CardLine {
  #id = '';
  #shift = false;
  /** When the last key came, in monotonic milliseconds. */
  #last = 0;
  /** Something of this card was lost: it is none. */
  #broken = false;

  /** The id of the card when this key ends one, else null. `mono`: now, in monotonic milliseconds. */
  key(name: string, value: 'up' | 'down' | 'repeat', mono: number): string | null {
    if (SHIFT.test(name)) this.#shift = value !== 'up';
    if (value !== 'down') return null;
    if (mono - this.#last > PAUSE) this.#clear();
    this.#last = mono;
    if (ENTER.test(name)) {
      const id = this.#broken || this.#id.length > LONGEST ? '' : this.#id;
      this.#clear();
      return id || null;
    }
    // With more than the longest it is known to be none: no need to keep it all.
    if (this.#id.length <= LONGEST) this.#id += this.#character(name);
    return null;
  }

  /** Keys were lost: a card that lacks a digit would be somebody else's. */
  gap(): void {
    this.#broken = true;
    this.#shift = false;
  }

  /** The reader is gone; nothing of before belongs to what comes after. */
  reset(): void {
    this.#clear();
    this.#shift = false;
  }

  #clear(): void {
    this.#id = '';
    this.#broken = false;
  }

  #character(name: string): string {
    const digit = DIGIT.exec(name)?.[1];
    if (digit !== undefined) return this.#shift && !name.startsWith('KEY_KP') ? '' : digit;
    const letter = LETTER.exec(name)?.[1] ?? '';
    return this.#shift ? letter : letter.toLowerCase();
  }
}
