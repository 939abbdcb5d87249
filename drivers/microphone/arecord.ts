/** What node-record-lpcm16 tells a recorder of its own. */
interface RecorderOptions {
  device?: string;
  sampleRate: number;
  channels: number;
  audioType: string;
}

/**
 * A recorder for node-record-lpcm16, as its own `recorders/arecord.js` but for `setpriv`: without it, a killed service
 * leaves an arecord behind that holds the sound card until its next write to the broken pipe, and one that hangs in a
 * dead device never writes. The library loads this file with `require`, by its path.
 */
function arecord(options: RecorderOptions): { cmd: string; args: string[] } {
  const device = options.device === undefined ? [] : ['-D', options.device];
  const format = [
    '-r',
    `${options.sampleRate}`,
    '-c',
    `${options.channels}`,
    '-t',
    options.audioType,
    '-f',
    'S16_LE',
  ];
  return { cmd: 'setpriv', args: ['--pdeathsig', 'KILL', 'arecord', ...device, '-q', ...format, '-'] };
}

export { arecord as 'module.exports' };
