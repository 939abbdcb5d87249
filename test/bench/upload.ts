import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { startSwift } from '../stand-ins/swift.ts';
import { ClipDesk, MB } from '../uploader/clips-rig.ts';
import { type Benchmark, quantile, type Result } from './result.ts';

const run = promisify(execFile);
const RUNS = 7;
const BYTES = 50 * MB;

type Cost = { seconds: number; cpu: number; memory: number };

/** What it costs to send a clip. */
export const upload: Benchmark = {
  names: ['upload.rate', 'upload.cpu', 'upload.memory'],
  about: `A sealed clip of 50 MB to OpenStack Swift's S3 API on this machine: MB/s from the request to the commit, CPU ms, and the most memory that any of them added to the process. It is read twice and summed three times (SHA-256 of whole and parts, MD5), and each part is written down. Medians of ${RUNS}.\nFloor: curl -T of the same file, one request without any sum, in turns; all of its memory.`,
  async run(): Promise<Result[]> {
    const swift = await startSwift();
    const desk = new ClipDesk();
    try {
      await swift.makeBucket(desk.bucket);
      const contacts: string[] = [];
      for (let n = 0; n <= RUNS; n++) contacts.push(await desk.contact(BYTES));
      const { endpoint, accessKey, secretKey } = swift;
      const sender = new Sender({
        ...{ folder: desk.desk.folder, key: desk.keyHex, bucket: desk.bucket },
        ...{ endpoint, accessKey, secretKey },
      });
      const [values, floors]: [Cost[], Cost[]] = [[], []];
      for (const contactId of contacts) {
        const file = desk.store.contacts.byId(contactId)?.clip?.file ?? '';
        values.push(await sender.send(contactId));
        const url = `${endpoint}/${desk.bucket}/floor/${contactId}`;
        const presigned = await swift.client.sign(url, { method: 'PUT', aws: { signQuery: true } });
        floors.push(await curl(join(desk.desk.folder, 'clips', file), presigned.url));
      }
      await sender.end();
      // The first of each warms up what both use.
      const median = (costs: readonly Cost[], of: keyof Cost) =>
        quantile(
          costs.slice(1).map((cost) => cost[of]),
          0.5,
        );
      const rate = (costs: readonly Cost[]) => BYTES / MB / median(costs, 'seconds');
      const row = (name: string, unit: string, of: keyof Cost): Result => ({
        ...{ name, unit, better: 'lower' },
        ...{ value: median(values, of), floor: median(floors, of) },
      });
      return [
        { name: 'upload.rate', value: rate(values), unit: 'MB/s', floor: rate(floors), better: 'higher' },
        row('upload.cpu', 'CPU ms', 'cpu'),
        {
          ...{ name: 'upload.memory', unit: 'MB', better: 'lower' },
          value: Math.max(...values.map(({ memory }) => memory)),
          floor: median(floors, 'memory'),
        },
      ];
    } finally {
      desk.end();
      await swift.stop();
    }
  },
};

class Sender {
  readonly #child;
  readonly #lines;

  constructor(told: object) {
    const script = join(import.meta.dirname, 'upload-process.ts');
    const args = ['--pdeathsig', 'KILL', process.execPath, script, JSON.stringify(told)];
    this.#child = spawn('setpriv', args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#lines = createInterface(this.#child.stdout)[Symbol.asyncIterator]();
  }

  async send(contactId: string): Promise<Cost> {
    this.#child.stdin.write(`${contactId}\n`);
    const { value } = await this.#lines.next();
    return JSON.parse(value ?? '');
  }

  async end(): Promise<void> {
    const closed = once(this.#child, 'close');
    this.#child.stdin.end();
    await closed;
  }
}

/** Its own time and memory: those of the one child that this Python has had. */
const MEASURED = `
import json, resource, subprocess, sys, time
began = time.monotonic()
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({'seconds': time.monotonic() - began, 'cpu': (used.ru_utime + used.ru_stime) * 1000, 'memory': used.ru_maxrss * 1024 / 1e6}))
`;

/** To a presigned address: curl takes no access key with a colon in it, as Swift's have. */
async function curl(file: string, url: string): Promise<Cost> {
  // Whoever asks for the leave to go on first waits a second for a server that does not give it.
  const args = ['curl', '--fail', '-sS', '-H', 'Expect:', '-T', file, url];
  return JSON.parse((await run('/usr/bin/python3', ['-c', MEASURED, ...args])).stdout);
}
