import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { systemClock } from './clock.ts';
import { checkConfig, exportEvents, hardware, replayEvents, score } from './commands.ts';
import { accountCode, eraseContact, orderDesk, printActions, reloadConfig, shiftDesk } from './console.ts';
import { CaError, type ErrorCode } from './errors.ts';
import { run } from './run.ts';
import { verifyLog } from './verify-log.ts';
import { VERSION } from './version.ts';

const HELP = `contact-analyzer ${VERSION}

  contact-analyzer run [CONFIG]                      run the service
  contact-analyzer check-config [CONFIG]             check a config; all errors at once, exit code 78
  contact-analyzer hardware [CONFIG] [--for 60s]     list what is plugged in and try what the config names, until q
  contact-analyzer replay EVENTS [--config CONFIG]   print the contacts that recorded events give, one JSON a line
  contact-analyzer export-events --day DAY [--config CONFIG]
                                                     print the raw events of a day (2026-01-31, today, yesterday)
  contact-analyzer veto DESK [--config CONFIG]       destroy the recording of the contact at the desk; it stays counted
  contact-analyzer pause DESK [--for 10min] [--config CONFIG]
                                                     record nothing at the desk for a while; contacts are counted
  contact-analyzer resume DESK [--config CONFIG]     end the pause
  contact-analyzer shift DESK RECEPTIONIST [--config CONFIG]
                                                     say who is at the desk from now on, by pseudonym
  contact-analyzer erase CONTACT [--config CONFIG]   erase a contact and all that belongs to it; leaves a receipt
  contact-analyzer reload [--config CONFIG]          check the config and run with it as soon as nobody is at a desk
  contact-analyzer account-code [NAME] [--config CONFIG]
                                                     print a one-time code for the page: to make an administrator, or
                                                     to choose the password of NAME anew
  contact-analyzer actions [--day DAY] [--config CONFIG]
                                                     print who asked for what, one JSON object a line
  contact-analyzer verify-log [--anchor PLACE:HASH] [--config CONFIG]
                                                     check that nobody has changed that log; with an anchor, which was
                                                     its end at some time, also that nobody has written it anew
  contact-analyzer score FILE… [--labels CSV] [--config CONFIG] [--patient left|right] [--zone left,top,right,bottom]
                                                     score pictures, videos and sound files as a desk would, one JSON
                                                     object a line; with labels, how far the scores agree with them.
                                                     For recordings whose people have consented to it; takes
                                                     a config only where one is given
  contact-analyzer help | version

CONFIG is /etc/contact-analyzer/config.yaml where it exists, else the demo's. EVENTS may be - for standard input.`;

/** sysexits.h: a config that must be corrected is told from what a restart may cure. */
const EXIT_CODES: Partial<Record<ErrorCode, number>> = {
  CA_USAGE: 64,
  CA_COMMAND_INVALID: 64,
  CA_EVENTS_INVALID: 65,
  CA_LABELS_INVALID: 65,
  CA_CONFIG_INVALID: 78,
  CA_CONFIG_UNREADABLE: 78,
  CA_SECRET_UNREADABLE: 78,
};

/** Arguments that a command takes at most. */
const ARGUMENTS = new Map([
  ...['reload', 'actions', 'verify-log', 'help', 'version'].map((command) => [command, 0] as const),
  ...['run', 'check-config', 'hardware', 'replay', 'export-events'].map((command) => [command, 1] as const),
  ...['veto', 'pause', 'resume', 'erase', 'account-code'].map((command) => [command, 1] as const),
  ['shift', 2],
  ['score', Number.POSITIVE_INFINITY],
]);

const INSTALLED = '/etc/contact-analyzer/config.yaml';
const DEMO = fileURLToPath(new URL('../config/demo.yaml', import.meta.url));

/** npm runs a script in the package's folder; INIT_CWD says where its caller stood. What a script starts inherits it. */
const asScript = process.env.npm_lifecycle_event === 'contact-analyzer';
const fromCaller = (path: string) => resolve(asScript ? (process.env.INIT_CWD ?? '.') : '.', path);

/** null: what is printed is read by a program. */
const terminal = process.stdout.isTTY
  ? { input: process.stdin.isTTY ? process.stdin : null, output: process.stdout }
  : null;

const print = (line: string) => void process.stdout.write(`${line}\n`);

async function main(args: string[]): Promise<void> {
  const { positionals, values } = parse(args);
  const [command = 'help', ...given] = positionals;
  const most = ARGUMENTS.get(command);
  if (most === undefined) throw new CaError('CA_USAGE', `no such command: ${command}`);
  if (given.length > most) throw new CaError('CA_USAGE', `one argument too many: ${given[most]}`);
  const [file, ...more] = given;
  const takesConfig =
    command === 'run' || command === 'check-config' || command === 'export-events' || command === 'hardware';
  const chosen = values.config ?? (takesConfig ? file : undefined);
  const config = chosen === undefined ? (existsSync(INSTALLED) ? INSTALLED : DEMO) : fromCaller(chosen);
  switch (command) {
    case 'run':
      return run({ config, clock: systemClock, print });
    case 'check-config':
      return checkConfig({ config, clock: systemClock, print });
    case 'hardware': {
      const well = await hardware({ config, clock: systemClock, print, lasting: values.for, terminal });
      process.exitCode = well ? 0 : 1;
      return;
    }
    case 'replay':
      if (file === undefined) throw new CaError('CA_USAGE', 'replay needs the file with the events');
      return replayEvents({
        events: file === '-' ? file : fromCaller(file),
        config,
        clock: systemClock,
        print,
      });
    case 'export-events':
      if (values.day === undefined) throw new CaError('CA_USAGE', 'export-events needs --day');
      return exportEvents({ day: values.day, config, clock: systemClock, print });
    case 'veto':
    case 'pause':
    case 'resume':
      if (file === undefined) throw new CaError('CA_USAGE', `${command} needs the name of a desk`);
      return orderDesk({ config, order: command, desk: file, lasting: values.for, print });
    case 'shift': {
      const [receptionist] = more;
      if (file === undefined || receptionist === undefined)
        throw new CaError('CA_USAGE', 'shift needs the name of a desk and a receptionist');
      return shiftDesk({ config, desk: file, receptionist, print });
    }
    case 'erase':
      if (file === undefined) throw new CaError('CA_USAGE', 'erase needs the id of a contact');
      return eraseContact({ config, contact: file, print });
    case 'account-code':
      return accountCode({ config, account: file, print });
    case 'reload':
      return reloadConfig({ config, print });
    case 'actions':
      return printActions({ config, clock: systemClock, day: values.day, print });
    case 'verify-log':
      process.exitCode = verifyLog({ config, anchor: values.anchor, print }) ? 0 : 1;
      return;
    case 'score': {
      if (file === undefined) throw new CaError('CA_USAGE', 'score needs the files to score');
      const well = await score({
        files: [file, ...more].map((name) => ({ name, path: fromCaller(name) })),
        labels: values.labels === undefined ? null : fromCaller(values.labels),
        config: values.config === undefined ? null : fromCaller(values.config),
        patient: values.patient,
        zone: values.zone,
        print,
        readable: terminal !== null,
      });
      process.exitCode = well ? 0 : 1;
      return;
    }
    case 'version':
      return print(VERSION);
    default:
      return print(HELP);
  }
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        anchor: { type: 'string' },
        config: { type: 'string' },
        day: { type: 'string' },
        for: { type: 'string' },
        labels: { type: 'string' },
        patient: { type: 'string' },
        zone: { type: 'string' },
      },
    });
  } catch (cause) {
    throw new CaError('CA_USAGE', (cause as Error).message, { cause });
  }
}

// A reader that has seen enough (`… | head`) is not an error, nor is a terminal that has gone: then SIGHUP ends us in order.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EIO') return;
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

main(process.argv.slice(2)).catch((error: unknown) => {
  if (!(error instanceof CaError)) throw error;
  process.stderr.write(`contact-analyzer: ${error.message}\n${error.remedy}\n`);
  process.exitCode = EXIT_CODES[error.code] ?? 1;
});
