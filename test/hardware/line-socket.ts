import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

/** Somebody at a Unix socket who answers lines with lines, in their order. */
export interface LineSocket {
  ask(line: string): Promise<string>;
  /** The next line that nobody has asked for yet. */
  next(): Promise<string>;
  close(): void;
}

export async function connectLines(path: string): Promise<LineSocket> {
  const socket = connect(path);
  await once(socket, 'connect');
  const lines = createInterface(socket)[Symbol.asyncIterator]();
  let turn: Promise<unknown> = Promise.resolve();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${path} has been closed`);
    return value;
  };
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work);
    turn = mine.catch(() => {});
    return mine;
  };
  return {
    ask: (line) =>
      inTurn(() => {
        socket.write(`${line}\n`);
        return next();
      }),
    next: () => inTurn(next),
    close: () => socket.destroy(),
  };
}
