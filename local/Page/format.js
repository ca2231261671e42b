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
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${Math.round(bytes / 1000)} kB` : `${numbers.format(bytes / 1_000_000)} MB`;
}

export function formatMs(ms) {
  return ms < 10 ? `${numbers.format(ms)} ms` : `${Math.round(ms)} ms`;
}
