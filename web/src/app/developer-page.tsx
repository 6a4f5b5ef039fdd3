// The developer's corner: the API's way of what one just did, and how good the connection is. Loaded when asked for.
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { LinkStatus } from '../components/link-status';
import { Page } from '../components/page';
import { ConnectionCheck } from '../features/check/connection-check';
import { Recipes, Trail } from '../features/check/recipes';
import { roomQuery } from '../lib/queries';
import { useLiveRoom } from '../lib/use-live-room';
import { RefusedPage } from './refused-page';
import '../features/check/check.css';

export function DeveloperPage({ code }: { code: string }) {
  const { t } = useTranslation();
  const { link, refusal } = useLiveRoom(code);
  const room = useQuery(roomQuery(code)).data;
  if (refusal !== null) return <RefusedPage code={code} refusal={refusal} known={room !== undefined} />;

  return (
    <Page
      title={t('developer.title')}
      lead={<p className="tagline">{room?.name ?? t('room.title', { code })}</p>}
      className="narrow developer"
    >
      <LinkStatus link={link}>{t('link.lost')}</LinkStatus>
      <p>{t('developer.what')}</p>
      <p className="developer-links">
        <a href="/docs">{t('developer.docs')}</a>
        <a href="/openapi.json">OpenAPI</a>
        <a href="/asyncapi.json">AsyncAPI</a>
        <Link to={`/r/${code}`}>{t('developer.back')}</Link>
      </p>
      <ConnectionCheck />
      <Recipes code={code} />
      <Trail />
    </Page>
  );
}
