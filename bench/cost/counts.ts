/** What Cloudflare bills, as it was counted. */

/** Of all objects of one class. */
export interface ObjectCounts {
  /** Requests from the Worker or from other objects, by what was asked: `fetch` or the method's name. */
  calls: Record<string, number>;
  /** WebSocket messages that came to a handler. */
  messages: number;
  /** Times that the end of a WebSocket came to a handler. */
  closes: number;
  /** Times that an alarm came. */
  alarms: number;
  /** Times that an alarm was set. */
  alarmsSet: number;
  rowsRead: number;
  rowsWritten: number;
  /** Milliseconds in which an object had something to do, those of all objects together. */
  active: number;
  /** Bytes on disk, of all objects together. */
  stored: number;
}

export interface Counts {
  /** Requests from outside. */
  workerRequests: number;
  /** Lines written to the log. */
  lines: number;
  objects: Record<string, ObjectCounts>;
}
