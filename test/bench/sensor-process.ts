import { createInterface } from 'node:readline';
import { SerialPort } from 'serialport';
import { systemClock } from '../../device/clock.ts';
import { sensorKind } from '../../drivers/serial/sensors.ts';
import { SerialSensor } from '../../drivers/serial/serial-sensor.ts';

/**
 * One reader of an LD2410 in a process of its own, for `sensor.ts`.
 *
 *   node sensor-process.ts PORT driver|bare
 *
 * `driver` is the service's; `bare` opens the port with serialport and looks for the headers. Each line on stdin is answered
 * by its processor time so far (µs) and the frames it has found. Ends when its stdin does.
 */
const [port = '', which = ''] = process.argv.slice(2);
const BAUD = 256_000;

const frames = which === 'driver' ? drive() : count();
createInterface(process.stdin)
  .on('line', () => {
    const { user, system } = process.cpuUsage();
    console.log(JSON.stringify({ cpu: user + system, frames: frames() }));
  })
  .on('close', () => process.exit(0));

function drive(): () => number {
  const kind = sensorKind({ driver: 'ld2410', port, baud: BAUD, range: 1_500 });
  const sensor = new SerialSensor(kind, port, BAUD, systemClock);
  sensor.start(() => {});
  return () => Number(sensor.health().detail?.frames);
}

function count(): () => number {
  const head = Buffer.from('f4f3f2f1', 'hex');
  let found = 0;
  new SerialPort({ path: port, baudRate: BAUD }).on('data', (bytes: Buffer) => {
    for (let at = bytes.indexOf(head); at >= 0; at = bytes.indexOf(head, at + 1)) found++;
  });
  return () => found;
}
