/** A line in three parts, of which the middle one is the cell that was refused. */
export interface Marked {
  readonly before: string;
  readonly cell: string;
  readonly after: string;
}

/**
 * The refused cell within the raw line: the value that the reason quotes, where it stands exactly once as a whole cell.
 * Null where that cannot be told.
 */
export function marked(raw: string, reason: string): Marked | null {
  const cell = /"((?:[^"\\]|\\.)+)"/.exec(reason)?.[1];
  if (cell === undefined) return null;
  const places = everywhere(raw, cell).filter((at) => whole(raw, at, at + cell.length));
  const [at] = places;
  if (at === undefined || places.length > 1) return null;
  return { before: raw.slice(0, at), cell, after: raw.slice(at + cell.length) };
}

function everywhere(raw: string, cell: string): number[] {
  const places: number[] = [];
  for (let at = raw.indexOf(cell); at >= 0; at = raw.indexOf(cell, at + 1)) places.push(at);
  return places;
}

/** Nothing that belongs to a word or number stands at either end. */
function whole(raw: string, from: number, to: number): boolean {
  const inWord = /[\p{L}\p{N}.+-]/u;
  return !inWord.test(raw.charAt(from - 1)) && !inWord.test(raw.charAt(to));
}
