// chevet.vitals.v1: the messages of codec/src/main/sbe/vitals.xml (SBE, little-endian) by DataView.
// A test compares the tables below with the schema, field by field.
//
//   0         2          4         6         8
//   +---------+----------+---------+---------+----------------+--------+--------------------+
//   | block   | template | schema  | version | fixed block    | groups | variable data      |
//   | length  | id       | id      |         | (block length) |        | (length, bytes)... |
//   +---------+----------+---------+---------+----------------+--------+--------------------+

export const SCHEMA_ID = 1;
export const SCHEMA_VERSION = 0;
const HEADER = 8;
const MAX_BYTES = 1048576;
const MAX_GROUP = 1024;
const NO_TIME = -(2n ** 63n);
const NO_INDEX = 2n ** 64n - 1n;

/** Types of fixed fields: size in bytes, reader, writer. Indexes and sequences are numbers, times are bigints. */
const TYPES = {
  u8: [1, (v, o) => v.getUint8(o), (v, o, x) => v.setUint8(o, x)],
  u16: [2, (v, o) => v.getUint16(o, true), (v, o, x) => v.setUint16(o, x, true)],
  u32: [4, (v, o) => v.getUint32(o, true), (v, o, x) => v.setUint32(o, x, true)],
  u64: [8, (v, o) => v.getBigUint64(o, true), (v, o, x) => v.setBigUint64(o, BigInt(x), true)],
  i64: [8, (v, o) => v.getBigInt64(o, true), (v, o, x) => v.setBigInt64(o, BigInt(x), true)],
  f64: [8, (v, o) => v.getFloat64(o, true), (v, o, x) => v.setFloat64(o, x, true)],
  // A count that a JavaScript number holds exactly.
  index: [8, (v, o) => safe(v.getBigUint64(o, true)), (v, o, x) => v.setBigUint64(o, BigInt(x), true)],
  optionalIndex: [8, (v, o) => {
    const x = v.getBigUint64(o, true);
    return x === NO_INDEX ? null : safe(x);
  }, (v, o, x) => v.setBigUint64(o, x === null || x === undefined ? NO_INDEX : BigInt(x), true)],
  optionalTime: [8, (v, o) => {
    const x = v.getBigInt64(o, true);
    return x === NO_TIME ? null : x;
  }, (v, o, x) => v.setBigInt64(o, x === null || x === undefined ? NO_TIME : BigInt(x), true)],
};

export const Kind = { WAVEFORM: 1, NUMERIC: 2, DEVICE_AUDIO: 3, EVENT: 4, ALERT: 5, OBJECT: 6 };
export const ClinicalClass = { ALARM: 1, NUMERICS: 2, LIVE_WAVEFORM: 3, AUSCULTATION: 4, BACKGROUND: 5 };
export const SampleFormat = { I16LE: 1, I24LE: 2, I32LE: 3, F32LE: 4, F64LE: 5, UTF8: 6, OPAQUE: 7 };
export const AckMode = { HELD: 1, DELIVERED: 2 };
export const StartFrom = { SEQUENCE: 1, TIME: 2, LIVE_MINUS: 3 };
export const StreamStatus = { LIVE: 1, SILENT: 2, DETACHED: 3, ENDED: 4 };
export const CloseReason = { ENDED: 1, REPLACED: 2, EXPIRED: 3, FORBIDDEN: 4 };
export const GapReason = { RING_OVERRUN: 1, PUBLISHER_LOST: 2, RELAY_RESTARTED: 3 };
export const ErrorCode = {
  MALFORMED: 1, UNSUPPORTED: 2, NOT_GRANTED: 3, UNKNOWN_STREAM: 4, PROTOCOL: 5, OUT_OF_ORDER: 6, INVALID_VALUE: 7,
  TOO_LARGE: 8, LIMIT_REACHED: 9, CONFLICT: 10, TAKEN_OVER: 11, TIMEOUT: 12, SHUTTING_DOWN: 13,
};
export const AlertPriority = { HIGH: 1, MEDIUM: 2, LOW: 3 };
export const AlertPhase = { START: 1, CONTINUE: 2, LATCHED: 3, END: 4 };
export const AlertAckState = { DELIVERED: 1, SEEN: 2, ACCEPTED: 3 };
export const BlockFlag = {
  missing: 1, discontinuity: 2, leadOff: 4, lowQuality: 8, calibration: 16, overrange: 32, timeUncertain: 64,
};

const CHANNELS = { name: 'channels', fields: [['mdc', 'u32']], data: [['label', 'text'], ['unit', 'text']] };
const BLOCK = [['sequence', 'index'], ['firstSample', 'index'], ['deviceTimeNs', 'optionalTime'], ['streamId', 'u32'],
  ['sampleCount', 'u32'], ['flags', 'u32']];

/** Messages in the order of the schema: id, fixed fields, at most one group, variable data. */
export const MESSAGES = {
  Hello: { id: 1, fields: [['instance', 'u64'], ['maxVersion', 'u16']], data: [['client', 'text']] },
  Welcome: {
    id: 2,
    fields: [['relayTimeNs', 'i64'], ['relayEpoch', 'u64'], ['heartbeatMs', 'u32'], ['timeoutMs', 'u32'],
      ['maxBlockBytes', 'u32'], ['defaultCredit', 'u32'], ['version', 'u16']],
    data: [['participant', 'text']],
  },
  OpenStream: {
    id: 3,
    fields: [['rateNumerator', 'index'], ['oldestSequence', 'index'], ['nextSequence', 'index'], ['scale', 'f64'],
      ['zeroOffset', 'f64'], ['missingValue', 'i64'], ['handle', 'u32'], ['rateDenominator', 'u32'], ['mdcCode', 'u32'],
      ['bodySite', 'u32'], ['keyId', 'u32'], ['staleAfterMs', 'u32'], ['kind', 'u8'], ['clinicalClass', 'u8'],
      ['sampleFormat', 'u8'], ['hasMissingValue', 'u8'], ['ackMode', 'u8']],
    group: CHANNELS,
    data: [['name', 'text'], ['label', 'text'], ['device', 'text']],
  },
  StreamOpened: {
    id: 4, fields: [['nextSequence', 'index'], ['nextSample', 'optionalIndex'], ['handle', 'u32'], ['streamId', 'u32']],
  },
  StreamAnnounced: {
    id: 5,
    fields: [['rateNumerator', 'index'], ['oldestSequence', 'index'], ['nextSequence', 'index'], ['instance', 'u64'],
      ['scale', 'f64'], ['zeroOffset', 'f64'], ['missingValue', 'i64'], ['streamId', 'u32'], ['rateDenominator', 'u32'],
      ['mdcCode', 'u32'], ['bodySite', 'u32'], ['keyId', 'u32'], ['staleAfterMs', 'u32'], ['kind', 'u8'],
      ['clinicalClass', 'u8'], ['sampleFormat', 'u8'], ['hasMissingValue', 'u8'], ['status', 'u8']],
    group: CHANNELS,
    data: [['participant', 'text'], ['name', 'text'], ['label', 'text'], ['device', 'text']],
  },
  StreamState: {
    id: 6,
    fields: [['sinceNs', 'optionalTime'], ['nextSequence', 'index'], ['nextSample', 'optionalIndex'],
      ['streamId', 'u32'], ['status', 'u8']],
  },
  StreamClosed: { id: 7, fields: [['streamId', 'u32'], ['reason', 'u8']] },
  Block: { id: 8, fields: BLOCK, data: [['payload', 'bytes']] },
  LastValue: { id: 9, fields: BLOCK, data: [['payload', 'bytes']] },
  Ack: { id: 10, fields: [['heldBelow', 'index'], ['deliveredBelow', 'index'], ['streamId', 'u32']] },
  Subscribe: {
    id: 11, fields: [['value', 'i64'], ['streamId', 'u32'], ['credit', 'u32'], ['start', 'u8'], ['required', 'u8']],
  },
  Subscribed: { id: 12, fields: [['firstSequence', 'index'], ['streamId', 'u32']] },
  Unsubscribe: { id: 13, fields: [['streamId', 'u32']] },
  Credit: { id: 14, fields: [['receivedBelow', 'index'], ['streamId', 'u32'], ['credit', 'u32']] },
  Gap: {
    id: 15,
    fields: [['fromSequence', 'index'], ['toSequence', 'index'], ['fromSample', 'optionalIndex'],
      ['toSample', 'optionalIndex'], ['streamId', 'u32'], ['reason', 'u8']],
  },
  ClockRequest: { id: 16, fields: [['clientSendNs', 'i64'], ['exchange', 'u32']] },
  ClockResponse: {
    id: 17, fields: [['clientSendNs', 'i64'], ['relayReceiveNs', 'i64'], ['relaySendNs', 'i64'], ['exchange', 'u32']],
  },
  ClockEstimate: { id: 18, fields: [['offsetNs', 'i64'], ['uncertaintyNs', 'u64'], ['samples', 'u32']] },
  PublisherClock: {
    id: 19,
    fields: [['offsetNs', 'i64'], ['uncertaintyNs', 'u64'], ['relayTimeNs', 'i64'], ['samples', 'u32']],
    data: [['participant', 'text']],
  },
  Heartbeat: { id: 20, fields: [['timeNs', 'optionalTime']] },
  Error: {
    id: 21,
    fields: [['expected', 'optionalIndex'], ['reference', 'u32'], ['refusedMessage', 'u16'], ['code', 'u8'],
      ['fatal', 'u8']],
    data: [['text', 'text']],
  },
  Alert: {
    id: 22,
    fields: [...BLOCK, ['alertId', 'index'], ['ttlMs', 'u32'], ['escalateAfterMs', 'u32'], ['ageMs', 'u32'],
      ['priority', 'u8'], ['phase', 'u8']],
    data: [['payload', 'bytes']],
  },
  AlertAck: {
    id: 23, fields: [['alertId', 'index'], ['sequence', 'index'], ['streamId', 'u32'], ['state', 'u8']],
    data: [['participant', 'text']],
  },
  AlertEscalation: {
    id: 24,
    fields: [['alertId', 'index'], ['sequence', 'index'], ['relayTimeNs', 'i64'], ['streamId', 'u32'],
      ['ageMs', 'u32'], ['priority', 'u8']],
  },
};

const BY_ID = new Map(Object.entries(MESSAGES).map(([name, message]) => [message.id, { name, ...message }]));
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

/** Bytes that are not a message of the schema. */
export class MalformedMessage extends Error {}

/** Sum of the sizes of fixed fields. */
export function blockLength(fields) {
  return fields.reduce((sum, [, type]) => sum + TYPES[type][0], 0);
}

/** Size in bytes of a field type of the tables. */
export function sizeOfType(type) {
  return TYPES[type][0];
}

/**
 * Encodes one message. Fields that are not given are zero, optional ones absent, text empty.
 * @param {string} name of the message
 * @param {Record<string, any>} [values]
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function encode(name, values = {}) {
  const message = MESSAGES[name];
  const root = blockLength(message.fields);
  const variable = (message.data ?? []).map(([field, type]) => toBytes(type, values[field]));
  const rows = message.group ? (values[message.group.name] ?? []) : [];
  const rowData = rows.map((row) => message.group.data.map(([field, type]) => toBytes(type, row[field])));
  let size = HEADER + root + variable.reduce((sum, part) => sum + part.length, 0);
  if (message.group) {
    size += 4 + rowData.reduce((sum, parts) => sum + blockLength(message.group.fields)
      + parts.reduce((inner, part) => inner + part.length, 0), 0);
  }
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, root, true);
  view.setUint16(2, message.id, true);
  view.setUint16(4, SCHEMA_ID, true);
  view.setUint16(6, SCHEMA_VERSION, true);
  let at = writeFields(view, HEADER, message.fields, values);
  if (message.group) {
    view.setUint16(at, blockLength(message.group.fields), true);
    view.setUint16(at + 2, rows.length, true);
    at += 4;
    rows.forEach((row, i) => {
      at = writeFields(view, at, message.group.fields, row);
      at = writeParts(bytes, at, rowData[i]);
    });
  }
  writeParts(bytes, at, variable);
  return bytes;
}

/**
 * Decodes one message. Fields that a newer schema added are skipped.
 * @param {ArrayBuffer} buffer
 * @returns {{type: string} & Record<string, any>|null} null for a message this version does not know
 * @throws {MalformedMessage} when the bytes are not a message of this schema
 */
export function decode(buffer) {
  const view = new DataView(buffer);
  if (view.byteLength < HEADER) {
    throw new MalformedMessage(`${view.byteLength} bytes`);
  }
  const root = view.getUint16(0, true);
  if (view.getUint16(4, true) !== SCHEMA_ID) {
    throw new MalformedMessage(`schema ${view.getUint16(4, true)}`);
  }
  const message = BY_ID.get(view.getUint16(2, true));
  if (!message) {
    return null;
  }
  try {
    return decodeMessage(view, message, root);
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError) {
      throw new MalformedMessage(`${message.name}: ${error.message}`);
    }
    throw error;
  }
}

function decodeMessage(view, message, root) {
  if (root < blockLength(message.fields)) {
    throw new MalformedMessage(`${message.name}: fixed block of ${root} bytes`);
  }
  const result = { type: message.name };
  readFields(view, HEADER, message.fields, result);
  let at = HEADER + root;
  if (message.group) {
    const length = view.getUint16(at, true);
    const count = view.getUint16(at + 2, true);
    at += 4;
    if (count > MAX_GROUP || length < blockLength(message.group.fields)) {
      throw new MalformedMessage(`${message.name}: ${count} rows of ${length} bytes`);
    }
    const rows = [];
    for (let i = 0; i < count; i++) {
      const row = {};
      readFields(view, at, message.group.fields, row);
      at = readParts(view, at + length, message.group.data, row);
      rows.push(row);
    }
    result[message.group.name] = rows;
  }
  readParts(view, at, message.data ?? [], result);
  return result;
}

function writeFields(view, start, fields, values) {
  let at = start;
  for (const [field, type] of fields) {
    const [size, , write] = TYPES[type];
    const value = values[field];
    write(view, at, value === undefined && !type.startsWith('optional') ? 0 : value);
    at += size;
  }
  return at;
}

function readFields(view, start, fields, result) {
  let at = start;
  for (const [field, type] of fields) {
    const [size, read] = TYPES[type];
    result[field] = read(view, at);
    at += size;
  }
}

/** Variable data with its length in front: 16 bits for text, 32 bits for bytes. */
function toBytes(type, value) {
  const body = type === 'text' ? encoder.encode(value ?? '') : asBytes(value);
  const prefix = type === 'text' ? 2 : 4;
  if (body.length > (type === 'text' ? 65534 : MAX_BYTES)) {
    throw new RangeError(`${body.length} bytes are too many`);
  }
  const part = new Uint8Array(prefix + body.length);
  const view = new DataView(part.buffer);
  if (type === 'text') {
    view.setUint16(0, body.length, true);
  } else {
    view.setUint32(0, body.length, true);
  }
  part.set(body, prefix);
  return part;
}

function asBytes(value) {
  if (value === undefined || value === null) {
    return new Uint8Array(0);
  }
  if (value instanceof ArrayBuffer) {
    return new Uint8Array(value);
  }
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
}

function writeParts(bytes, start, parts) {
  let at = start;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return at;
}

function readParts(view, start, data, result) {
  let at = start;
  for (const [field, type] of data) {
    const prefix = type === 'text' ? 2 : 4;
    const length = type === 'text' ? view.getUint16(at, true) : view.getUint32(at, true);
    at += prefix;
    if (length > MAX_BYTES || at + length > view.byteLength) {
      throw new MalformedMessage(`${field}: ${length} bytes`);
    }
    const bytes = new Uint8Array(view.buffer, view.byteOffset + at, length);
    result[field] = type === 'text' ? decoder.decode(bytes) : bytes;
    at += length;
  }
  return at;
}

function safe(value) {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new MalformedMessage(`${value} is beyond 2^53`);
  }
  return Number(value);
}

/**
 * Raw samples of a block, channels interleaved, exactly as the device gave them.
 * @param {Uint8Array} payload
 * @param {number} format one of SampleFormat
 * @returns {Int16Array|Int32Array|Float32Array|Float64Array}
 */
export function samplesOf(payload, format) {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  switch (format) {
    case SampleFormat.I16LE:
      return fill(new Int16Array(payload.byteLength >> 1), (i) => view.getInt16(2 * i, true));
    case SampleFormat.I24LE:
      return fill(new Int32Array(Math.floor(payload.byteLength / 3)),
        (i) => view.getUint16(3 * i, true) | (view.getInt8(3 * i + 2) << 16));
    case SampleFormat.I32LE:
      return fill(new Int32Array(payload.byteLength >> 2), (i) => view.getInt32(4 * i, true));
    case SampleFormat.F32LE:
      return fill(new Float32Array(payload.byteLength >> 2), (i) => view.getFloat32(4 * i, true));
    case SampleFormat.F64LE:
      return fill(new Float64Array(payload.byteLength >> 3), (i) => view.getFloat64(8 * i, true));
    default:
      throw new RangeError(`format ${format} has no samples`);
  }
}

/** Bytes of one sample of one channel, 0 for text and opaque payloads. */
export function sampleBytes(format) {
  return [0, 2, 3, 4, 4, 8, 0, 0][format] ?? 0;
}

function fill(array, value) {
  for (let i = 0; i < array.length; i++) {
    array[i] = value(i);
  }
  return array;
}
