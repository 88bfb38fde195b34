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
        path: 'feeds/:feed',
        title: 'Feed · Tradewind',
        loadComponent: async () => (await import('./feed/feed-page')).FeedPage,
      },
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
      {
        path: 'runs',
        title: 'Runs · Tradewind',
        loadComponent: async () => (await import('./runs/runs-page')).RunsPage,
      },
      {
        path: 'runs/backfill',
        title: 'Start a backfill · Tradewind',
        loadComponent: async () => (await import('./runs/backfill-page')).BackfillPage,
      },
      {
        path: 'runs/:run',
        title: 'Run · Tradewind',
        loadComponent: async () => (await import('./runs/run-page')).RunPage,
      },
      {
        path: 'trades',
        title: 'Trades · Tradewind',
        loadComponent: async () => (await import('./trades/trades-page')).TradesPage,
      },
      {
        path: 'trades/one',
        title: 'Trade · Tradewind',
        loadComponent: async () => (await import('./trades/trade-page')).TradePage,
      },
      {
        path: 'reconciliation',
        title: 'Reconciliation · Tradewind',
        loadComponent: async () => (await import('./reconciliation/reconciliation-page')).ReconciliationPage,
      },
      { path: '**', redirectTo: '' },
    ],
  },
];
