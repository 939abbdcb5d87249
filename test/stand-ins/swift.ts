import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { AwsClient } from 'aws4fetch';
import { freePort } from './free-port.ts';

/** A request that the store has answered, as its log tells it. */
export interface Served {
  readonly method: string;
  /** The object's name in its bucket, percent-decoded. */
  readonly object: string;
  readonly query: URLSearchParams;
  /** 499: the client was gone before the end. */
  readonly status: number;
}

/** OpenStack Swift's S3 API on loopback: one node, one replica, in a temporary folder. */
export interface Swift {
  readonly endpoint: string;
  readonly port: number;
  readonly accessKey: string;
  readonly secretKey: string;
  /** For requests of the test's own. */
  readonly client: AwsClient;
  /** What was asked of objects so far, in the order of the answers. */
  readonly served: readonly Served[];
  makeBucket(name: string): Promise<void>;
  /** Names of the objects in a bucket, in order. */
  objects(bucket: string): Promise<string[]>;
  /** Names of the objects whose multipart upload was neither completed nor aborted. */
  unfinished(bucket: string): Promise<string[]>;
  get(bucket: string, object: string): Promise<Buffer>;
  /** SIGKILL to what answers; the store behind it goes on. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const run = promisify(execFile);
const ACCESS_KEY = 'test:tester';
const SECRET_KEY = 'testing';

/** Starts it and resolves once it answers: a few seconds. */
export async function startSwift(): Promise<Swift> {
  // Swift keeps what it knows of an object in extended attributes of its file.
  const folder = mkdtempSync(join(tmpdir(), 'ca-swift-'));
  const running: ChildProcess[] = [];
  const log = await listen();
  const served: Served[] = [];
  log.on('message', (line) => {
    const entry = servedBy(line.toString('utf8'));
    if (entry) served.push(entry);
  });
  const launch = async (program: string, port: number, conf: string) => {
    const file = join(folder, `${program}.conf`);
    writeFileSync(file, conf);
    const name = `swift-${program}-server`;
    // setpriv: a killed test run leaves no server behind.
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', name, file], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.push(child);
    await answering(name, child, port);
    return child;
  };
  try {
    mkdirSync(join(folder, 'disks', 'd1'), { recursive: true });
    const hash = '[swift-hash]\nswift_hash_path_suffix = contact\nswift_hash_path_prefix = analyzer\n';
    writeFileSync(join(folder, 'swift.conf'), hash);
    const common = (port: number) =>
      [
        '[DEFAULT]\nbind_ip = 127.0.0.1',
        `bind_port = ${port}\nuser = ${userInfo().username}\nswift_dir = ${folder}`,
        // No workers: a worker would outlive the process that the kernel kills with the test.
        'workers = 0',
        `log_udp_host = 127.0.0.1\nlog_udp_port = ${log.address().port}\n`,
      ].join('\n');
    const [account = 0, container = 0, object = 0, cache = 0, port = 0] = await freePorts(5);
    const kinds = { account, container, object };
    // Debian's own Python, for which its packages are.
    await run('/usr/bin/python3', ['-c', RINGS, folder, ...Object.entries(kinds).flat().map(String)]);
    running.push(startCache(cache));
    const startProxy = () => launch('proxy', port, common(port) + proxyConf(cache));
    const launched = Object.entries(kinds).map(([kind, at]) =>
      launch(kind, at, common(at) + serverConf(kind, folder)),
    );
    let [proxy] = await Promise.all([startProxy(), ...launched]);
    const endpoint = `http://127.0.0.1:${port}`;
    const client = new AwsClient({
      ...{ accessKeyId: ACCESS_KEY, secretAccessKey: SECRET_KEY, service: 's3', region: 'us-east-1' },
      retries: 0,
    });
    const ask = async (path: string, method = 'GET') => {
      const answer = await client.fetch(`${endpoint}/${path}`, { method });
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
      return Buffer.from(await answer.arrayBuffer());
    };
    const keys = async (path: string) =>
      [...(await ask(path)).toString().matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key = '']) => key);
    return {
      ...{ endpoint, port, client, served, accessKey: ACCESS_KEY, secretKey: SECRET_KEY },
      async makeBucket(name) {
        await ask(name, 'PUT');
      },
      objects: (bucket) => keys(`${bucket}?max-keys=1000`),
      // Swift answers 404 while the bucket has had no multipart upload yet.
      unfinished: (bucket) =>
        keys(`${bucket}?uploads`).catch((error) => {
          if (/: 404 /.test(String(error))) return [];
          throw error;
        }),
      get: (bucket, object) => ask(`${bucket}/${object}`),
      kill: () => end(proxy),
      async restart() {
        await end(proxy);
        proxy = await startProxy();
      },
      async stop() {
        await stopAll(running, log, folder);
      },
    };
  } catch (error) {
    await stopAll(running, log, folder);
    throw error;
  }
}

const serverConf = (kind: string, folder: string) => `
devices = ${join(folder, 'disks')}
mount_check = false
[pipeline:main]
pipeline = ${kind}-server
[app:${kind}-server]
use = egg:swift#${kind}
log_requests = false
`;

const proxyConf = (cache: number) => `
[pipeline:main]
pipeline = catch_errors proxy-logging cache s3api tempauth slo proxy-server
[app:proxy-server]
use = egg:swift#proxy
allow_account_management = true
account_autocreate = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:proxy-logging]
use = egg:swift#proxy_logging
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:${cache}
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
allow_no_owner = true
[filter:tempauth]
use = egg:swift#tempauth
user_${ACCESS_KEY.replace(':', '_')} = ${SECRET_KEY} .admin
[filter:slo]
use = egg:swift#slo
`;

/** What the log says of a request for an object; null for any other line. Fields: proxy-logging in Swift's documentation of its logs. */
function servedBy(line: string): Served | null {
  const said = / (PUT|POST|GET|HEAD|DELETE) (\/\S+) HTTP\/1\.[01] (\d{3}) /.exec(line);
  if (!said) return null;
  const [, method = '', address = '', status] = said;
  // The log quotes what is between path and query, too.
  const [path = '', query = ''] = decodeURIComponent(address).split('?');
  const object = path.split('/').slice(2).join('/');
  return object === '' ? null : { method, object, query: new URLSearchParams(query), status: Number(status) };
}

/** All at once, so that no two are the same. */
function freePorts(count: number): Promise<number[]> {
  return Promise.all(Array.from({ length: count }, freePort));
}

async function listen(): Promise<Socket> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}

/** Where accounts, containers and objects lie: on one disk each, behind one port. In one go: each start of Python takes its time. */
const RINGS = `
import sys
from swift.common.ring import RingBuilder
folder, places = sys.argv[1], sys.argv[2:]
for kind, port in zip(places[::2], places[1::2]):
    builder = RingBuilder(4, 1, 1)
    builder.add_dev({'region': 1, 'zone': 1, 'ip': '127.0.0.1', 'port': int(port), 'device': 'd1', 'weight': 1})
    builder.rebalance()
    builder.get_ring().save(f'{folder}/{kind}.ring.gz')
`;

/** Swift goes on without it for as long as it does not answer: nobody waits for it. */
function startCache(port: number): ChildProcess {
  const { username } = userInfo();
  const args = ['-l', '127.0.0.1', '-p', String(port), '-U', '0', '-u', username, '-m', '16'];
  return spawn('setpriv', ['--pdeathsig', 'KILL', 'memcached', ...args], { stdio: 'ignore' });
}

/** Resolves once the server answers on its port. */
async function answering(name: string, child: ChildProcess, port: number): Promise<void> {
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk) => {
      said = (said + chunk).slice(-4_000);
    });
  child.once('error', (error) => {
    said += String(error);
  });
  for (let tries = 0; tries < 1_200 && child.exitCode === null && child.signalCode === null; tries++) {
    const answer = await fetch(`http://127.0.0.1:${port}/`).catch(() => null);
    if (answer) {
      await answer.arrayBuffer();
      return;
    }
    await sleep(50);
  }
  await end(child);
  throw new Error(`${name} does not answer on 127.0.0.1:${port}: ${said}`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.kill('SIGKILL');
  await closed;
}

async function stopAll(running: readonly ChildProcess[], log: Socket, folder: string): Promise<void> {
  await Promise.all(running.map(end));
  log.close();
  rmSync(folder, { recursive: true, force: true });
}
