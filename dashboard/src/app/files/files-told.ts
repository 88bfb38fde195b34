import { File, OneFile } from '../wire/files';

/** A file as the server tells it, for tests. */
export function file(id: number, more: Partial<File> = {}): File {
  return {
    file_id: id,
    feed: 'spot',
    uri: `file:///data/spot/${id}.csv`,
    version: 'v1',
    size: 100,
    modified_at: '2026-01-05T10:00:00+00:00',
    state: 'loaded',
    reason: null,
    attempts: 1,
    seen_by: 'sweep',
    registered_at: '2026-01-05T10:00:00+00:00',
    loaded_at: '2026-01-05T10:00:02+00:00',
    min_date: '2026-01-05',
    max_date: '2026-01-05',
    lines: 10,
    records: 9,
    inserted: 7,
    updated: 1,
    unchanged: 0,
    duplicate: 0,
    stale: 0,
    pending: 0,
    rejected: 1,
    ignored: 0,
    ...more,
  };
}

export function oneFile(id: number, more: Partial<OneFile> = {}): OneFile {
  return {
    ...file(id),
    dataset: 'spot',
    profile_version: '1',
    framing_lines: 1,
    record_lines: 9,
    timeline: [{ state: 'loaded', at: '2026-01-05T10:00:02+00:00', reason: null }],
    versions: [{ file_id: id, version: 'v1', size: 100, modified_at: '2026-01-05T10:00:00+00:00', state: 'loaded' }],
    rejects: {
      rejects: [
        {
          reject_id: 1,
          line: 2,
          column_name: 'price',
          reason: 'price "abc" is no number',
          raw: '1,abc,2',
          raw_escaped: false,
        },
      ],
      next: null,
    },
    ...more,
  };
}
