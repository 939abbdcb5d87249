import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { systemClock } from '../../device/clock.ts';
import { createLog } from '../../device/log.ts';
import { parseDeviceKey } from '../../device/recording/device-key.ts';
import { ClipVault } from '../../device/recording/vault.ts';
import { Store } from '../../device/store/store.ts';
import { ClipUploads } from '../../uploader/clips/clip-uploads.ts';

/**
 * What sends clips, in a process of its own: takes the id of a contact a line on stdin, and says as a line of JSON what
 * it cost to send its clip.
 *
 *   node upload-process.ts JSON    folder, key (hex), endpoint, bucket, accessKey, secretKey
 */
/** MB of this process by a line of proc(5), status. */
function memory(line: 'VmRSS' | 'VmHWM'): number {
  const kilobytes = new RegExp(`^${line}:\\s*(\\d+) kB$`, 'm').exec(
    readFileSync('/proc/self/status', 'latin1'),
  )?.[1];
  return (Number(kilobytes) * 1_024) / 1e6;
}

const told = JSON.parse(process.argv[2] ?? '');
const key = parseDeviceKey(told.key);
const vault = new ClipVault({ folder: join(told.folder, 'clips'), key: () => key });
let messages = 0;
const newId = () => `b${++messages}`;
const store = new Store(told.folder, 'bench', newId, () => systemClock.now().wall, {
  keep: 'all',
  sample: 0,
});
const service = new ClipUploads({
  ...{ uploads: store.uploads, hosts: [], rate: 1e9, clock: systemClock, log: createLog('warn') },
  store: {
    ...{ endpoint: told.endpoint, bucket: told.bucket, region: 'us-east-1', send: 'asked' },
    accessKey: () => told.accessKey,
    secretKey: () => told.secretKey,
  },
  open: (file, head) => vault.toSend(file, null, head),
  onChange: (listener) => store.contacts.onChange(listener),
});
await service.start();
for await (const contactId of createInterface(process.stdin)) {
  // Peak memory counts from here (proc(5), clear_refs): loading the program took more.
  writeFileSync('/proc/self/clear_refs', '5');
  const resident = memory('VmRSS');
  const [began, before] = [performance.now(), process.cpuUsage()];
  const done = new Promise<void>((resolve) => {
    const end = store.outbox.onAppend(() => {
      if (store.uploads.counts().waiting > 0) return;
      end();
      resolve();
    });
  });
  const { state } = await service.fetch(contactId);
  if (state !== 'done') await done;
  const seconds = (performance.now() - began) / 1_000;
  const { user, system } = process.cpuUsage(before);
  console.log(JSON.stringify({ seconds, cpu: (user + system) / 1_000, memory: memory('VmHWM') - resident }));
}
await service.stop();
store.close();
