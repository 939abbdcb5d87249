import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { systemClock } from '../../device/clock.ts';
import { createLog } from '../../device/log.ts';
import { parseDeviceKey } from '../../device/recording/device-key.ts';
import { CHUNK } from '../../device/recording/sealed-file.ts';
import { ClipVault } from '../../device/recording/vault.ts';
import { ClipUploads, type ClipUploadsOptions } from '../../uploader/clips/clip-uploads.ts';
import { at, readyClip, StoredDesk } from '../stand-ins/stored-desk.ts';
import type { Swift } from '../stand-ins/swift.ts';

export const MB = 1_000_000;

/** A desk whose clips are truly sealed in a vault, and what sends them. */
export class ClipDesk {
  readonly desk = new StoredDesk();
  readonly keyHex = randomBytes(32).toString('hex');
  readonly vault: ClipVault;
  readonly log: string[] = [];
  /** One of its own: object names of two desks are the same here. */
  readonly bucket = `clips-${randomBytes(4).toString('hex')}`;
  #second = 0;

  constructor() {
    const key = parseDeviceKey(this.keyHex);
    this.vault = new ClipVault({ folder: join(this.desk.folder, 'clips'), key: () => key });
  }

  get store() {
    return this.desk.store;
  }

  /** A settled contact with a clip of `bytes`; returns its id. */
  async contact(bytes: number, button = 'unhappy'): Promise<string> {
    const s = this.#second;
    this.#second += 100;
    this.desk
      .here(s + 1)
      .press(s + 9, button)
      .gone(s + 20)
      .wait(s + 40);
    const [newest] = this.store.contacts.between(0, at(s + 99).wall);
    const contactId = newest?.id ?? '';
    const incoming = await this.vault.begin(contactId);
    const head = Math.min(bytes, CHUNK);
    for (let left = bytes - head; left > 0; left -= MB) await incoming.write(randomBytes(Math.min(left, MB)));
    const stored = await incoming.finish(randomBytes(head), at(s), 'video/mp4');
    this.store.addClip('front', readyClip(contactId, stored), at(s + 40).wall);
    return contactId;
  }

  /** The service as the device starts it, in this process. */
  async serve(
    swift: Swift,
    about: Partial<ClipUploadsOptions> & { port?: number } = {},
  ): Promise<ClipUploads> {
    const { port = swift.port, ...options } = about;
    const service = new ClipUploads({
      uploads: this.store.uploads,
      store: { ...this.at(swift, port), send: 'negative' },
      hosts: [],
      rate: 1_000 * MB,
      open: (file, head) => this.vault.toSend(file, null, head),
      onChange: (listener) => this.store.contacts.onChange(listener),
      clock: systemClock,
      log: createLog('debug', { write: (line) => this.log.push(line) }),
      ...options,
    });
    await service.start();
    return service;
  }

  /** The object store as a config names it, reached at `port`. */
  at({ accessKey, secretKey }: Pick<Swift, 'accessKey' | 'secretKey'>, port: number) {
    return {
      endpoint: `http://127.0.0.1:${port}`,
      bucket: this.bucket,
      region: 'us-east-1',
      accessKey: () => accessKey,
      secretKey: () => secretKey,
    };
  }

  /** The events `clip.uploaded` and `alert` so far. */
  told() {
    return this.desk.told().filter(({ type }) => type === 'clip.uploaded' || type === 'alert');
  }

  rows() {
    const db = this.desk.sql();
    try {
      return db.prepare('SELECT * FROM uploads ORDER BY wall').all() as Record<string, unknown>[];
    } finally {
      db.close();
    }
  }

  end(): void {
    this.desk.end();
  }
}
