// Names and units as clinicians read them. Codes: IEEE 11073-10101 (MDC), context-free; units: UCUM.

const MDC = {
  131329: 'I', 131330: 'II', 131331: 'V1', 131332: 'V2', 131333: 'V3', 131334: 'V4', 131335: 'V5', 131336: 'V6',
  131389: 'III', 131390: 'aVR', 131391: 'aVL', 131392: 'aVF',
};
const QUANTITIES = {
  150452: 'pleth', 151780: 'respiration', 150456: 'spo2', 149530: 'pulse', 147842: 'heartRate', 150020: 'cuff',
  150021: 'systolic', 150022: 'diastolic', 150023: 'mean', 150037: 'systolic', 150038: 'diastolic', 150039: 'mean',
  150364: 'temperature', 150392: 'temperature', 160184: 'glucose',
};
const UNITS = {
  'mm[Hg]': 'mmHg', Cel: '°C', '/min': '/min', '{beats}/min': '/min', '%': '%', mV: 'mV', uV: 'µV', 'mg/dL': 'mg/dL',
  'mmol/L': 'mmol/L', '1': '', '[degF]': '°F', 'kPa': 'kPa', '{breaths}/min': '/min',
};
const ORDER = ['I', 'II', 'III', 'aVR', 'aVL', 'aVF', 'V1', 'V2', 'V3', 'V4', 'V5', 'V6'];
const ECG_FIRST = 131328;
const ECG_LAST = 131583;

/** Lead name of a channel: by its code, else its label. */
export function leadName(channel) {
  return MDC[channel.mdc] ?? channel.label ?? '';
}

/** Place of a lead in the usual order; unknown leads come last, in the order of the device. */
export function leadOrder(name) {
  // MLII of an ambulatory recorder stands where II would.
  const at = ORDER.indexOf(name.replace(/^ML(?=I)/, ''));
  return at < 0 ? ORDER.length : at;
}

/** True when the waveform is an ECG: by code, or a voltage in a stream that says so. */
export function isEcg(info) {
  const codes = [info.mdcCode, ...info.channels.map((channel) => channel.mdc)];
  if (codes.some((code) => code >= ECG_FIRST && code <= ECG_LAST)) {
    return true;
  }
  return /ecg|ekg/i.test(`${info.name} ${info.label}`)
    && info.channels.every((channel) => millivolts(channel.unit) !== null);
}

/** Millivolts in one unit, null when the unit is no voltage. */
export function millivolts(unit) {
  return { mV: 1, uV: 0.001, V: 1000, nV: 0.000001 }[unit] ?? null;
}

/** Key of what is measured, '' when the code is not known. */
export function quantity(code) {
  return QUANTITIES[code] ?? '';
}

/** The unit as it is printed at a bedside. */
export function clinicalUnit(ucum) {
  return UNITS[ucum] ?? ucum;
}

/** Decimals that make sense for a unit. */
export function decimals(ucum, value) {
  if (ucum === 'Cel' || ucum === 'mmol/L' || ucum === 'kPa') {
    return 1;
  }
  return Number.isInteger(value) || Math.abs(value) >= 20 ? 0 : 1;
}

/** Joins the values of one message: 128/76 (93) for a cuff, else side by side. */
export function pressureText(parts) {
  const find = (name) => parts.find((part) => part.quantity === name)?.text;
  const [sys, dia, mean] = [find('systolic'), find('diastolic'), find('mean')];
  if (sys === undefined || dia === undefined) {
    return null;
  }
  return mean === undefined ? `${sys}/${dia}` : `${sys}/${dia} (${mean})`;
}
