import { HttpErrorResponse, HttpInterceptorFn } from '@angular/common/http';
import { inject } from '@angular/core';
import { CanActivateFn, Router } from '@angular/router';
import { tap } from 'rxjs';

import { Session } from './session';

/** Only for who is signed in; others sign in first and come back to where they wanted to go. */
export const signedIn: CanActivateFn = async (_, state) => {
  const router = inject(Router);
  try {
    if (await inject(Session).known()) return true;
  } catch {
    // Whether anybody is signed in cannot be told now: the page itself tells that the server does not answer.
    return true;
  }
  return router.createUrlTree(['/sign-in'], { queryParams: { to: state.url } });
};

/** An answer 401 to anything but signing in means that the session is over. */
export const sessionEnds: HttpInterceptorFn = (request, next) => {
  const session = inject(Session);
  return next(request).pipe(
    tap({
      error: (error: unknown) => {
        if (error instanceof HttpErrorResponse && error.status === 401 && !request.url.startsWith('/api/v1/session'))
          session.lost();
      },
    }),
  );
};
