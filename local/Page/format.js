const days = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });
const moments = new Intl.DateTimeFormat(undefined, { dateStyle: 'long', timeStyle: 'short' });
const clockDays = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeZone: 'UTC' });
const clockMoments = new Intl.DateTimeFormat(undefined, { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });
const numbers = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });

export function formatDay(iso) {
  return days.format(new Date(iso));
}

/** Formats when a photo was taken: as the clock showed it there, whatever time zone this browser is in. */
export function formatMomentTaken(iso) {
  return clockMoments.format(onClock(iso));
}

export function formatDayTaken(iso) {
  return clockDays.format(onClock(iso));
}

/** When a photo was taken, in milliseconds since 1970, as the API sorts: UTC without an offset, and the upload's time if it is unknown. */
export function timeTaken({ taken, date }) {
  return Date.parse(taken?.length === 19 ? `${taken}Z` : (taken ?? date));
}

function onClock(iso) {
  return new Date(`${iso.slice(0, 19)}Z`);
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

/** Formats a content type: image/heic is HEIC. */
export function formatType(contentType) {
  return contentType.split('/').pop().toUpperCase();
}

export function formatMs(ms) {
  return ms < 10 ? `${numbers.format(ms)} ms` : `${Math.round(ms)} ms`;
}
