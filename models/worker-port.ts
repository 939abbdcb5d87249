import { parentPort } from 'node:worker_threads';

/** What a worker is told: what to do, or to leave. */
export type WorkerOrder<Task> = { readonly kind: 'task'; readonly task: Task } | { readonly kind: 'leave' };

/** What a worker says: once that it can begin, then one answer to each task, in order. */
export type WorkerMessage<Ready, Answer> =
  | { readonly kind: 'ready'; readonly ready: Ready }
  /** `cpu`: seconds that the thread has computed since it said something last. */
  | { readonly kind: 'answer'; readonly answer: Answer; readonly cpu: number };

/**
 * The worker's side of `SupervisedWorker`: says that the thread can begin, and from then on answers each task. It
 * catches nothing: whatever goes wrong ends the thread, and another is started.
 */
export function serve<Task, Ready, Answer>(ready: Ready, answer: (task: Task) => Answer): void {
  const port = parentPort;
  if (port === null) throw new Error('this file is the entry of a worker thread');
  const say = (message: WorkerMessage<Ready, Answer>) => port.postMessage(message);
  let before = cpuSeconds();
  port.on('message', (order: WorkerOrder<Task>) => {
    // In a worker this ends the thread alone.
    if (order.kind === 'leave') process.exit();
    const result = answer(order.task);
    const now = cpuSeconds();
    say({ kind: 'answer', answer: result, cpu: now - before });
    before = now;
  });
  say({ kind: 'ready', ready });
}

function cpuSeconds(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1e6;
}
