/** How far back the charts look. */
export interface Window {
  /** In the page's address. */
  readonly name: string;
  readonly minutes: number;
  readonly words: string;
  /** Milliseconds between two questions while things happen. */
  readonly pace: number;
}

const USUAL: Window = { name: '1h', minutes: 60, words: 'hour', pace: 2000 };
export const WINDOWS: readonly Window[] = [
  { name: '10min', minutes: 10, words: '10 minutes', pace: 1000 },
  USUAL,
  { name: '6h', minutes: 360, words: '6 hours', pace: 5000 },
  { name: '1d', minutes: 1440, words: 'day', pace: 10_000 },
  { name: '7d', minutes: 10_080, words: '7 days', pace: 30_000 },
  { name: '31d', minutes: 44_640, words: '31 days', pace: 60_000 },
];

/** The one of that name, else the last hour. */
export function windowOf(name: string | undefined): Window {
  return WINDOWS.find((one) => one.name === name) ?? USUAL;
}
