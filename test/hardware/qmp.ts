import { connectLines } from './line-socket.ts';

/** Orders to QEMU while it runs (its docs/interop/qmp-spec.txt). */
export interface Qmp {
  /** Gives what it returns. @throws Error with what it does not like. */
  order(execute: string, args?: Record<string, unknown>): Promise<unknown>;
  close(): void;
}

export async function connectQmp(path: string): Promise<Qmp> {
  const socket = await connectLines(path);
  const qmp: Qmp = {
    async order(execute, args = {}) {
      let line = await socket.ask(JSON.stringify({ execute, arguments: args }));
      // Events come in between.
      while ('event' in JSON.parse(line)) line = await socket.next();
      const answer = JSON.parse(line);
      if ('error' in answer) throw new Error(`QEMU: ${execute}: ${answer.error.desc}`);
      return answer.return;
    },
    close: socket.close,
  };
  await socket.next(); // its greeting
  await qmp.order('qmp_capabilities');
  return qmp;
}
