import { Routes } from '@angular/router';

import { OverviewPage } from './overview/overview-page';
import { signedIn } from './session/doors';
import { SignInPage } from './session/sign-in-page';
import { Shell } from './shell/shell';

export const routes: Routes = [
  { path: 'sign-in', component: SignInPage, title: 'Sign in · Tradewind' },
  {
    path: '',
    component: Shell,
    canActivate: [signedIn],
    children: [
      { path: '', pathMatch: 'full', component: OverviewPage, title: 'Overview · Tradewind' },
      {
        path: 'files',
        title: 'Files · Tradewind',
        loadComponent: async () => (await import('./files/files-page')).FilesPage,
      },
      {
        path: 'files/:id',
        title: 'File · Tradewind',
        loadComponent: async () => (await import('./files/file-page')).FilePage,
      },
      { path: '**', redirectTo: '' },
    ],
  },
];
