const whole = new Intl.NumberFormat();
const part = new Intl.NumberFormat(undefined, { style: 'percent', maximumSignificantDigits: 2 });
const short = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 3 });
const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** Grouped in the viewer's way: 1,234,567. */
export function grouped(count: number): string {
  return whole.format(count);
}

/** How many of what: "1 file", "2 files". */
export function several(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

/** A part of a whole in percent, with two digits that count; nothing of nothing is none. */
export function share(count: number, of: number): string {
  return part.format(of === 0 ? 0 : count / of);
}

/** Bytes in powers of a thousand. */
export function bytes(size: number): string {
  let power = 0;
  for (; size >= 999.5 && power < UNITS.length - 1; power += 1) size /= 1000;
  return `${short.format(size)} ${UNITS[power] ?? ''}`;
}
