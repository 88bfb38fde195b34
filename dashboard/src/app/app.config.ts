import { APP_BASE_HREF } from '@angular/common';
import { provideHttpClient, withInterceptors } from '@angular/common/http';
import { ApplicationConfig, provideBrowserGlobalErrorListeners } from '@angular/core';
import {
  PreloadAllModules,
  provideRouter,
  withComponentInputBinding,
  withInMemoryScrolling,
  withPreloading,
  withRouterConfig,
} from '@angular/router';

import { routes } from './app.routes';
import { sessionEnds } from './session/doors';

/** Angular runs without zones: what is shown changes when a signal does. */
export const config: ApplicationConfig = {
  providers: [
    // The pages' policy knows no <base>.
    { provide: APP_BASE_HREF, useValue: '/' },
    provideBrowserGlobalErrorListeners(),
    provideHttpClient(withInterceptors([sessionEnds])),
    provideRouter(
      routes,
      withComponentInputBinding(),
      withInMemoryScrolling({ scrollPositionRestoration: 'enabled' }),
      // Once the first page is there the others are fetched: they are opened when the server is away, too.
      withPreloading(PreloadAllModules),
      // A page that could not be fetched all the same is told by the shell.
      withRouterConfig({ resolveNavigationPromiseOnError: true }),
    ),
  ],
};
