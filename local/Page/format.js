const days = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });
const moments = new Intl.DateTimeFormat(undefined, { dateStyle: 'long', timeStyle: 'short' });
const numbers = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });

export function formatDay(iso) {
  return days.format(new Date(iso));
}

export function formatMoment(iso) {
  return moments.format(new Date(iso));
}

export function formatSize(bytes) {
  const unit = unitOf(bytes);
  return `${inUnit(bytes, unit)} ${unit.name}`;
}

/** Formats a part and its whole in the unit of the whole. */
export function formatShare(part, whole) {
  const unit = unitOf(whole);
  return `${inUnit(part, unit)} of ${inUnit(whole, unit)} ${unit.name}`;
}

function unitOf(bytes) {
  if (bytes < 1000) return { name: 'B', bytes: 1 };
  return bytes < 1_000_000 ? { name: 'kB', bytes: 1000 } : { name: 'MB', bytes: 1_000_000 };
}

function inUnit(bytes, unit) {
  const value = bytes / unit.bytes;
  return unit.name === 'MB' ? numbers.format(value) : `${Math.round(value)}`;
}

export function formatMs(ms) {
  return ms < 10 ? `${numbers.format(ms)} ms` : `${Math.round(ms)} ms`;
}
