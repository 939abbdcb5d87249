/** What we use of node-record-lpcm16 1.0.1, which brings no types. */
declare module 'node-record-lpcm16' {
  import type { ChildProcessByStdio } from 'node:child_process';
  import type { Readable } from 'node:stream';

  interface RecordOptions {
    /** Name of one of its recorders, or the absolute path of a module that exports one. */
    recorder: string;
    sampleRate: number;
    channels: number;
    audioType: 'raw' | 'wav';
    device?: string;
  }

  interface Recording {
    readonly process: ChildProcessByStdio<null, Readable, Readable>;
    /** The recorder's stdout. Emits `error` with a string whenever the recorder ends with a code other than 0. */
    stream(): Readable;
  }

  /** Starts the recorder. */
  export function record(options: RecordOptions): Recording;

  const library: { record: typeof record };
  export default library;
}
