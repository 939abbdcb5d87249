import type { Pty } from './pty.ts';

/** How often it reports, ms: faster than a real one, for tests not to wait. */
const REPORT = 20;
/** How long a restart takes, ms. */
const RESTART = 300;

/**
 * A Hi-Link radar that a test plays on a pty, written from the vendor's documents and not from our driver: it reports,
 * takes commands while it is being configured (and then reports nothing), keeps its settings, and restarts.
 */
export class PlayedRadar {
  /** All command words that came while it listened, in order. */
  readonly commands: number[] = [];
  /** Takes in nothing, as with its RX not wired. */
  deaf = false;
  /** Without power: says nothing and hears nothing. */
  off = false;
  /** Commands that it answers with status 1. */
  readonly refuses = new Set<number>();
  /** Commands that it answers with status 0 without doing them. */
  readonly ignores = new Set<number>();
  /** Commands that it does not know and leaves without an answer. */
  readonly unknown = new Set<number>();
  configuring = false;
  /** What it reports: 0 nobody, 1 moving, 2 still, 3 both; of an LD2450, somebody in the middle or nobody. */
  state = 0;

  // What is kept without power, as ex works (table 7).
  movingGate = 8;
  stillGate = 8;
  noOne = 5;
  moving = [50, 50, 40, 30, 20, 15, 15, 15, 15];
  still = [0, 0, 40, 40, 30, 30, 20, 20, 20];
  bluetooth = true;
  /** 1: gates of 20 cm. */
  resolution = 0;
  /** Of an LD2450: 1 a single target, 2 several. */
  targetMode = 1;
  engineering = false;

  readonly #device: Pty;
  readonly #model: 'ld2410' | 'ld2450';
  readonly #timer: NodeJS.Timeout;
  #afterRestart: Partial<Pick<PlayedRadar, 'bluetooth' | 'resolution'>> = {};
  #restarting = false;
  #heard = Buffer.alloc(0);

  /** `every`: ms between two reports. */
  constructor(device: Pty, model: 'ld2410' | 'ld2450' = 'ld2410', every = REPORT) {
    this.#device = device;
    this.#model = model;
    this.#timer = setInterval(() => {
      if (!this.configuring && !this.#restarting && !this.off) this.#say(this.#report());
    }, every);
    device.onBytes((bytes) => this.#hear(bytes));
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Commands that write what is kept without power, or restart. */
  get written(): number[] {
    return this.commands.filter((command) => [0x60, 0x64, 0x90, 0xa3, 0xa4, 0xaa].includes(command));
  }

  #say(bytes: Buffer): void {
    // Unplugged meanwhile.
    this.#device.write(bytes).catch(() => {});
  }

  #report(): Buffer {
    if (this.#model === 'ld2450') {
      // x = 100 mm, y = 1000 mm, or nobody.
      const target = this.state === 0 ? '0000000000000000' : '6480e88300004001';
      return Buffer.from(`aaff0300${target}${'00'.repeat(16)}55cc`, 'hex');
    }
    const target = Buffer.from('005100320000 3b5100'.replace(' ', ''), 'hex');
    target[0] = this.state;
    const gates = this.engineering ? Buffer.from(`0808${'11'.repeat(18)}6001`, 'hex') : Buffer.alloc(0);
    const body = Buffer.concat([
      Buffer.from([this.engineering ? 1 : 2, 0xaa]),
      target,
      gates,
      Buffer.from('5500', 'hex'),
    ]);
    return Buffer.concat([
      Buffer.from('f4f3f2f1', 'hex'),
      length(body),
      body,
      Buffer.from('f8f7f6f5', 'hex'),
    ]);
  }

  #hear(bytes: Buffer): void {
    if (this.deaf || this.off || this.#restarting) return;
    this.#heard = Buffer.concat([this.#heard, bytes]);
    for (;;) {
      const head = this.#heard.indexOf(Buffer.from('fdfcfbfa', 'hex'));
      if (head < 0 || this.#heard.length < head + 6) return;
      const size = this.#heard.readUInt16LE(head + 4);
      const end = head + 6 + size + 4;
      if (this.#heard.length < end) return;
      const [word, value] = [
        this.#heard.readUInt16LE(head + 6),
        this.#heard.subarray(head + 8, head + 6 + size),
      ];
      this.#obey(word, value);
      this.#heard = this.#heard.subarray(end);
    }
  }

  #obey(word: number, value: Buffer): void {
    this.commands.push(word);
    if (word === 0xff) this.configuring = true;
    else if (!this.configuring && this.#model === 'ld2410') return;
    if (this.unknown.has(word)) return;
    if (this.refuses.has(word)) return this.#answer(word, 1);
    if (this.ignores.has(word)) return this.#answer(word, 0);
    switch (word) {
      case 0xff:
        return this.#answer(word, 0, '01004000');
      case 0xfe:
        this.#answer(word, 0);
        this.configuring = false;
        return;
      case 0x60:
        [this.movingGate, this.stillGate, this.noOne] = [
          value[2] ?? 0,
          value[8] ?? 0,
          value.readUInt16LE(14),
        ];
        return this.#answer(word, 0);
      case 0x61: {
        const all = [0xaa, 8, this.movingGate, this.stillGate, ...this.moving, ...this.still, this.noOne, 0];
        return this.#answer(word, 0, Buffer.from(all).toString('hex'));
      }
      case 0x63:
        this.engineering = false;
        return this.#answer(word, 0);
      case 0x64:
        if (value.readUInt16LE(2) === 0xffff) {
          this.moving = this.moving.map(() => value[8] ?? 0);
          // The first two cannot be set.
          this.still = this.still.map((old, gate) => (gate < 2 ? old : (value[14] ?? 0)));
        }
        return this.#answer(word, 0);
      case 0x90:
        this.targetMode = 2;
        return this.#answer(word, 0);
      case 0x91:
        return this.#answer(word, 0, `0${this.targetMode}00`);
      case 0xa3:
        this.#answer(word, 0);
        return this.#restart();
      case 0xa4:
        this.#afterRestart.bluetooth = value[0] === 1;
        return this.#answer(word, 0);
      case 0xa5:
        return this.#answer(word, 0, this.bluetooth ? '8f272eb80f65' : '080504030201');
      case 0xaa:
        this.#afterRestart.resolution = value[0] ?? 0;
        return this.#answer(word, 0);
      case 0xab:
        return this.#answer(word, 0, `0${this.resolution}00`);
    }
  }

  #restart(): void {
    this.#restarting = true;
    setTimeout(() => {
      Object.assign(this, this.#afterRestart, { configuring: false, engineering: false });
      this.#afterRestart = {};
      this.#restarting = false;
    }, RESTART);
  }

  #answer(word: number, status: number, value = ''): void {
    const body = Buffer.concat([Buffer.from([word, 1, status, 0]), Buffer.from(value, 'hex')]);
    this.#say(
      Buffer.concat([Buffer.from('fdfcfbfa', 'hex'), length(body), body, Buffer.from('04030201', 'hex')]),
    );
  }
}

function length(body: Buffer): Buffer {
  return Buffer.from([body.length & 0xff, body.length >> 8]);
}
