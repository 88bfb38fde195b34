const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const exact = new Intl.DateTimeFormat(undefined, {
  year: 'numeric',
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
});
const local = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** A length of time in its two largest units: "4 s", "3 min 20 s", "2 h 10 min", "5 d 3 h". */
export function age(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < MINUTE) return `${whole} s`;
  if (whole < HOUR) return two(whole, MINUTE, 'min', 1, 's');
  if (whole < DAY) return two(whole, HOUR, 'h', MINUTE, 'min');
  return whole < 100 * DAY ? two(whole, DAY, 'd', HOUR, 'h') : `${Math.floor(whole / DAY)} d`;
}

/** In the viewer's zone and way of writing. */
export function here(at: string): string {
  return local.format(new Date(at));
}

/** The same to the last digit that is told, nanoseconds too. */
export function hereExactly(at: string): string {
  const fraction = digits(at);
  const parts = exact.formatToParts(new Date(at));
  return parts.map(({ type, value }) => (type === 'fractionalSecond' ? fraction || value : value)).join('');
}

/** "2026-01-05 10:00:02.000000789 UTC". */
export function utcExactly(at: string): string {
  const fraction = digits(at);
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')}${fraction ? '.' : ''}${fraction} UTC`;
}

/** The viewer's zone, "New York": a name that changes neither in summer nor in winter, as an offset would. */
export function zone(name: string = local.resolvedOptions().timeZone): string {
  return name.slice(name.lastIndexOf('/') + 1).replaceAll('_', ' ');
}

/** "2026-01-05 10:00:02 UTC". */
export function utc(at: string): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

function two(seconds: number, large: number, largeName: string, small: number, smallName: string): string {
  const rest = Math.floor((seconds % large) / small);
  return `${Math.floor(seconds / large)} ${largeName}${rest ? ` ${rest} ${smallName}` : ''}`;
}

function digits(at: string): string {
  return /\.(\d+)/.exec(at)?.[1] ?? '';
}
