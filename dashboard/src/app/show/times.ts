const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

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

/** "2026-01-05 10:00:02 UTC". */
export function utc(at: string): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

function two(seconds: number, large: number, largeName: string, small: number, smallName: string): string {
  const rest = Math.floor((seconds % large) / small);
  return `${Math.floor(seconds / large)} ${largeName}${rest ? ` ${rest} ${smallName}` : ''}`;
}
