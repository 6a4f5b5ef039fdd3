// What a page runs first: it fetches the words of its language while the app itself is on its way.
import { fetchWords, wishedLanguage } from './lib/languages';

// Whoever needs the words asks again, and hears then whether they came.
fetchWords(wishedLanguage(), 'pages').catch(() => undefined);
void import('./main');
