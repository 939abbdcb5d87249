import type { OutboxRow } from '../device/store/records.ts';

/** Everything of one device is published below `ca/v1/<device>/`. */
export function topicRoot(device: string): string {
  return `ca/v1/${device}/`;
}

/** A waiting row as it goes over the wire: topic and CloudEvents 1.0 in structured JSON (CloudEvents MQTT binding, 3.2). */
export function eventOf(row: OutboxRow, device: string): { topic: string; payload: string } {
  return {
    topic: `${topicRoot(device)}events/${row.type}`,
    payload: JSON.stringify({
      specversion: '1.0',
      id: row.id,
      source: `/${topicRoot(device)}desks/${row.desk}`,
      type: row.type,
      ...(row.subject === null ? {} : { subject: row.subject }),
      time: row.time,
      recordedtime: row.recordedTime,
      datacontenttype: 'application/json',
      sequence: String(row.sequence).padStart(16, '0'),
      data: row.data,
    }),
  };
}
