// Which address shows which page.
import type { ComponentType } from 'react';
import { useTranslation } from 'react-i18next';
import { Route, Routes, useParams } from 'react-router';

import { Announcer } from '../components/announcer';
import { Screen } from '../features/screen/screen';
import { readRoomCode } from '../lib/code';
import { HomePage } from './home-page';
import { Layout } from './layout';
import { MissingPage } from './missing-page';
import { RoomPage } from './room-page';
import { SignInPage } from './sign-in-page';

export function App() {
  const { t } = useTranslation();

  return (
    <>
      <Announcer />
      <Routes>
        <Route element={<Layout />}>
          <Route index element={<HomePage />} />
          <Route path="signin" element={<SignInPage />} />
          <Route path="r/:code" element={<WithCode page={RoomPage} />} />
          <Route path="*" element={<MissingPage title={t('app.missing')} />} />
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
  return code === null ? <MissingPage title={t('room.wrongCode')} /> : <RoomView key={code} code={code} />;
}
