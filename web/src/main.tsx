// The page's front door, behind `start.ts`: language first, then the providers, then the app.
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { BrowserRouter } from 'react-router';

import { App } from './app/app';
import { CrashGuard } from './components/crash-guard';
import { followClaims } from './lib/claims';
import { startI18n } from './lib/i18n';
import { installShell } from './lib/shell';
import { followOtherTabs, followScreenTokens } from './lib/session';
import './styles/base.css';

const cache = new QueryClient({
  // A LAN without internet is online enough; the socket tells of changes, so focus fetches nothing.
  defaultOptions: { queries: { networkMode: 'always', refetchOnWindowFocus: false } },
});

followScreenTokens(); // before the rest of what an address brings is dropped
followClaims();
followOtherTabs();
const words = startI18n();

installShell();

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');

void words.then(() => {
  createRoot(root).render(
    <StrictMode>
      <CrashGuard>
        <QueryClientProvider client={cache}>
          <BrowserRouter>
            <App />
          </BrowserRouter>
        </QueryClientProvider>
      </CrashGuard>
    </StrictMode>,
  );
});
