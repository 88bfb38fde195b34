import { HttpErrorResponse } from '@angular/common/http';
import * as v from 'valibot';

/** Why something did not work, and what to do about it. */
export interface Problem {
  readonly status: number;
  readonly detail: string;
  readonly cure: string | null;
}

const Told = v.object({ detail: v.string(), cure: v.optional(v.nullable(v.string()), null) });

/** What went wrong, from whatever was thrown: a problem of the API, no answer at all, or an answer that is not understood. */
export function problem(thrown: unknown): Problem {
  if (thrown instanceof HttpErrorResponse) return ofAnswer(thrown);
  if (v.isValiError(thrown)) return unreadable(thrown.issues[0]);
  if (thrown instanceof Error && thrown.cause !== undefined) return problem(thrown.cause);
  return { status: 0, detail: thrown instanceof Error ? thrown.message : String(thrown), cure: null };
}

function ofAnswer(answer: HttpErrorResponse): Problem {
  if (answer.status === 0)
    return { status: 0, detail: 'The server does not answer.', cure: 'Is tradewind serve running?' };
  // A failed parse of a good answer is told in `error`.
  if (answer.status < 400) return { status: answer.status, detail: 'The answer is no JSON.', cure: null };
  const told = v.safeParse(Told, answer.error);
  const detail = told.success ? told.output.detail : `The server answered ${answer.status}.`;
  return { status: answer.status, detail, cure: told.success ? told.output.cure : null };
}

function unreadable(issue: v.BaseIssue<unknown>): Problem {
  const where = v.getDotPath(issue) ?? 'the whole';
  return {
    status: 200,
    detail: `The server's answer is not what this page understands: ${where}: ${issue.message}`,
    cure: 'Reload the page: the server may be newer than it.',
  };
}
