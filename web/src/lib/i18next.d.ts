// Teaches i18next the catalogue's keys, so that a wrong key does not compile.
import 'i18next';

import type ko from '../locales/ko.json';

declare module 'i18next' {
  interface CustomTypeOptions {
    resources: { translation: typeof ko };
  }
}
