import { createPublicKey } from 'node:crypto';
import { join } from 'node:path';
import { systemClock } from '../../device/clock.ts';
import { createLog } from '../../device/log.ts';
import { parseDeviceKey } from '../../device/recording/device-key.ts';
import { ClipVault } from '../../device/recording/vault.ts';
import { Store } from '../../device/store/store.ts';
import { type ClipStore, ClipUploads } from '../../uploader/clips/clip-uploads.ts';

/**
 * What sends clips, in a process of its own that a test can kill:
 *
 *   node clips-process.ts JSON    folder, key (hex), recipient (PEM or null), rate, and the object store with its keys
 *
 * Says `sent N` whenever there are more than before, and `all sent` when nothing waits any more.
 */
export interface Told {
  readonly folder: string;
  readonly key: string;
  readonly recipient: string | null;
  readonly rate: number;
  readonly endpoint: string;
  readonly bucket: string;
  readonly accessKey: string;
  readonly secretKey: string;
}

const told: Told = JSON.parse(process.argv[2] ?? '');
const key = parseDeviceKey(told.key);
const recipient = told.recipient === null ? null : createPublicKey(told.recipient);
const vault = new ClipVault({ folder: join(told.folder, 'clips'), key: () => key });
const now = () => systemClock.now().wall;
let messages = 0;
const newId = () => `p${process.pid}-${++messages}`;
const store = new Store(told.folder, 'clinic', newId, now, { keep: 'all', sample: 0 });
const { endpoint, bucket } = told;
const place: ClipStore = {
  ...{ endpoint, bucket, region: 'us-east-1', send: 'all' },
  accessKey: () => told.accessKey,
  secretKey: () => told.secretKey,
};
const service = new ClipUploads({
  ...{ uploads: store.uploads, store: place, hosts: [], rate: told.rate, clock: systemClock },
  open: (file, head) => vault.toSend(file, recipient, head),
  onChange: (listener) => store.contacts.onChange(listener),
  log: createLog('warn'),
});
await service.start();
let before = 0;
systemClock.every('look', 50, () => {
  const { detail } = service.health();
  const sent = Number(detail?.sent);
  if (sent > before) console.log(`sent ${sent}`);
  before = sent;
  if (detail?.waiting === 0 && detail.deleting === 0) console.log('all sent');
});
