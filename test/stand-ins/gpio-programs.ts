import { appendFileSync, existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * The programs of libgpiod as shell scripts, for one chip of which one line is of interest: they take the arguments, and
 * print the output and errors, of the version asked for, and refuse the other's. What the chip is stands in files.
 */
const SCRIPT = `#!/bin/sh
program=\${0##*/}
cd "$GPIO_PROGRAMS" || exit 70
echo "$program $*" >>calls
version=$(cat version)
fail() { echo "$program: $1" >&2; exit 1; }
[ "$1" != --version ] || { echo "$program (libgpiod) v$version"; exit; }
used() { read -r user pid <user && [ "$user" ] && { [ -z "$pid" ] || kill -0 "$pid" 2>/dev/null; }; }
take() { [ -e dev/gpiochip0 ] || fail "$1: No such file or directory"; ! used || fail "$1: Device or resource busy"; }
case $version in 1.*) one=1; options=:bF:lB:-: ;; *) one=; options=:F:lb:c:-: ;; esac
chip=
while getopts "$options" option; do
  case $option in
  c) chip=$OPTARG ;;
  -) case $one$OPTARG in numeric | 1mode=signal) ;; *) fail "unrecognized option '--$OPTARG'" ;; esac ;;
  [?]) fail "invalid option -- '$OPTARG'" ;;
  esac
done
shift $((OPTIND - 1))
[ -z "$one" ] || { chip=$1; [ $# = 0 ] || shift; }
case $program in
gpiodetect)
  [ ! -e denied ] || { [ "$one" ] || fail 'unable to open chip: Permission denied'; echo 'gpiochip0 Permission denied'; exit; }
  [ ! -e dev/gpiochip0 ] || echo 'gpiochip0 [pinctrl-rp1] (54 lines)' ;;
gpioinfo)
  echo "$chip - 54 lines:"
  used && quoted="\\"$user\\"" || quoted=
  way=$(cat way)
  if [ "$one" ]; then
    printf '\\tline   0:     "ID_SDA"       unused   input  active-high \\n'
    printf '\\tline  17: "presence"  %s   %s  active-high [used]\\n' "\${quoted:-unused}" "$way"
  else
    printf '\\tline   0:\\t"ID_SDA"        \\tinput\\n'
    printf '\\tline  17:\\t"presence"      \\t%s%s\\n' "$way" "\${quoted:+ consumer=$quoted}"
  fi ;;
gpioget)
  take "$([ "$one" ] && echo 'error reading GPIO values' || echo 'unable to request lines')"
  cat level ;;
gpiomon)
  take "$([ "$one" ] && echo 'error waiting for events' || echo 'unable to request lines on chip')"
  : >edges
  echo input >way; echo "gpiomon $$" >user
  exec tail -n +1 -s 0.01 -f edges ;;
gpioset)
  take "$([ "$one" ] && echo 'error setting the GPIO line values' || echo 'unable to request lines on chip')"
  echo output >way; echo "\${1#*=}" >level; echo "gpioset $$" >user
  exec tail -f /dev/null ;;
esac
`;

export interface GpioPrograms {
  /** Folder of the chip, in place of /dev. */
  readonly dev: string;
  /** The level that gpioget reads, and that gpioset has set. */
  level(): string;
  setLevel(high: boolean): void;
  /** Whoever uses line 17, such as `gpiomon 4711`; set, it is another program, for ever; null: nobody. */
  user(): string;
  setUser(name: string | null): void;
  /** Edges as gpiomon tells them, all at once. `mono` in milliseconds. */
  edges(edges: [mono: number, high: boolean][]): void;
  /** Takes the chip away, or brings it back. */
  setChip(there: boolean): void;
  /** From now on the user is not in the group. */
  deny(): void;
  /** All command lines so far. */
  calls(): string[];
  /** Undoes what was done to PATH. */
  stop(): Promise<void>;
}

/** Puts them into PATH of this process. `installed: false`: instead there is nothing but setpriv. */
export async function fakeGpioPrograms(version: string, { installed = true } = {}): Promise<GpioPrograms> {
  const folder = await mkdtemp(join(tmpdir(), 'gpio-'));
  const file = (name: string) => join(folder, name);
  const read = (name: string) => readFileSync(file(name), 'utf8').trim();
  const { PATH = '' } = process.env;
  await mkdir(file('bin'));
  await mkdir(file('dev'));
  if (installed) {
    for (const name of ['gpiodetect', 'gpioinfo', 'gpioget', 'gpiomon', 'gpioset'])
      writeFileSync(file(`bin/${name}`), SCRIPT, { mode: 0o755 });
  } else {
    const setpriv = PATH.split(':').find((place) => existsSync(join(place, 'setpriv'))) ?? '/usr/bin';
    symlinkSync(join(setpriv, 'setpriv'), file('bin/setpriv'));
  }
  for (const [name, text] of Object.entries({ version, level: '0', way: 'input', user: '', calls: '' }))
    writeFileSync(file(name), `${text}\n`);
  writeFileSync(file('dev/gpiochip0'), '');
  process.env.PATH = installed ? `${file('bin')}:${PATH}` : file('bin');
  process.env.GPIO_PROGRAMS = folder;
  const line = (mono: number, high: boolean) => {
    const [seconds, rest] = [Math.floor(mono / 1e3), Math.round((mono % 1e3) * 1e6)];
    return version.startsWith('1.')
      ? `${Number(high)} ${seconds} ${rest}\n`
      : `${high ? 'rising' : 'falling'} ${seconds}.${`${rest}`.padStart(9, '0')}\n`;
  };
  return {
    dev: file('dev'),
    level: () => read('level'),
    setLevel: (high) => writeFileSync(file('level'), `${Number(high)}\n`),
    user: () => read('user'),
    setUser: (name) => writeFileSync(file('user'), name === null ? '' : `${name}\n`),
    edges: (edges) => appendFileSync(file('edges'), edges.map((edge) => line(...edge)).join('')),
    setChip: async (there) =>
      there ? writeFileSync(file('dev/gpiochip0'), '') : await rm(file('dev/gpiochip0')),
    deny: () => writeFileSync(file('denied'), ''),
    calls: () => read('calls').split('\n'),
    async stop() {
      process.env.PATH = PATH;
      delete process.env.GPIO_PROGRAMS;
      await rm(folder, { recursive: true });
    },
  };
}
