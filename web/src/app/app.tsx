// Which address shows which page.
import { lazy, Suspense, type ComponentType, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Route, Routes, useParams } from 'react-router';

import { Announcer } from '../components/announcer';
import { readRoomCode } from '../lib/code';
import { withWords } from '../lib/i18n';
import { Layout } from './layout';
import { RoomPage } from './room-page';

// What a voter does not need is fetched by those who do.
const DeveloperPage = lazy(async () => ({ default: (await withWords(['more'], import('./developer-page'))).DeveloperPage }));
const LogPage = lazy(async () => ({ default: (await withWords(['log', 'more'], import('./log-page'))).LogPage }));
const AccountPage = lazy(async () => ({ default: (await withWords(['more'], import('./account-page'))).AccountPage }));
const AdminPage = lazy(async () => ({ default: (await withWords(['more'], import('./admin-page'))).AdminPage }));
const MissingPage = lazy(async () => ({ default: (await withWords(['more'], import('./missing-page'))).MissingPage }));
const MeetingsPage = lazy(async () => ({ default: (await withWords(['more'], import('./meetings-page'))).MeetingsPage }));
const HomePage = lazy(async () => ({ default: (await withWords(['more'], import('./home-page'))).HomePage }));
const SignInPage = lazy(async () => ({ default: (await withWords(['more'], import('./sign-in-page'))).SignInPage }));
const ResetPage = lazy(async () => ({ default: (await withWords(['more'], import('./reset-page'))).ResetPage }));
const Screen = lazy(async () => ({ default: (await withWords(['more'], import('../features/screen/screen'))).Screen }));

export function App() {
  const { t } = useTranslation();

  return (
    <>
      <Announcer />
      <Routes>
        <Route element={<Layout />}>
          <Route index element={<WhileLoading><HomePage /></WhileLoading>} />
          <Route path="signin" element={<WhileLoading><SignInPage /></WhileLoading>} />
          <Route path="account" element={<WhileLoading><AccountPage /></WhileLoading>} />
          <Route path="admin" element={<WhileLoading><AdminPage /></WhileLoading>} />
          <Route path="reset" element={<WhileLoading><ResetPage /></WhileLoading>} />
          <Route path="r/:code" element={<WithCode page={RoomPage} />} />
          <Route path="r/:code/developer" element={<WithCode page={DeveloperPage} />} />
          <Route path="r/:code/log" element={<WithCode page={LogPage} />} />
          <Route path="r/:code/meetings" element={<WithCode page={MeetingsPage} />} />
          <Route path="*" element={<WhileLoading><MissingPage title={t('app.missing')} /></WhileLoading>} />
        </Route>
        <Route path="r/:code/screen" element={<WithCode page={Screen} />} />
      </Routes>
    </>
  );
}

/** Reads the code in the address once; another room is another page, not the same one with other data. */
function WithCode({ page: RoomView }: { page: ComponentType<{ code: string }> }) {
  const { t } = useTranslation();
  const code = readRoomCode(useParams().code ?? '');

  return (
    <WhileLoading>
      {code === null ? <MissingPage title={t('room.wrongCode')} asksCode /> : <RoomView key={code} code={code} />}
    </WhileLoading>
  );
}

function WhileLoading({ children }: { children: ReactNode }) {
  const { t } = useTranslation();

  return (
    <Suspense
      fallback={
        <main id="content" className="page" aria-busy="true">
          <h1>{t('app.loading')}</h1>
        </main>
      }
    >
      {children}
    </Suspense>
  );
}
