// Teaches i18next the catalogues' keys, so that a wrong key does not compile.
import 'i18next';

import type hostKo from '../locales/host.ko.json';
import type ko from '../locales/ko.json';
import type logKo from '../locales/log.ko.json';

declare module 'i18next' {
  interface CustomTypeOptions {
    resources: { translation: typeof ko; host: typeof hostKo; log: typeof logKo };
  }
}
