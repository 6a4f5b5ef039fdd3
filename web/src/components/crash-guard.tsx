// What is shown when drawing the page itself fails: a sentence and a way out, never a blank hall screen.
import { Component, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

export class CrashGuard extends Component<{ children: ReactNode }, { crashed: boolean }> {
  override state = { crashed: false };

  static getDerivedStateFromError() {
    return { crashed: true };
  }

  override render() {
    return this.state.crashed ? <Crashed /> : this.props.children;
  }
}

function Crashed() {
  const { t } = useTranslation();

  return (
    <main className="page" role="alert">
      <h1>{t('app.crashed')}</h1>
      <button type="button" className="primary" onClick={() => window.location.reload()}>
        {t('app.reload')}
      </button>
    </main>
  );
}
