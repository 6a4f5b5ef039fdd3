// Draws the embedded tally, without a framework: it is shown inside other people's pages, and must cost them little.
import type { TFunction } from 'i18next';

import { wordCandidate } from '../lib/answers';
import type { Poll, Results, Tally } from '../lib/contract';
import { formatShare } from '../lib/format';
import { currentState } from '../lib/merge';
import { voteShare } from '../lib/shares';
import { tonesOf } from '../lib/tones';
import { isTriumph, wordVerdict } from '../lib/verdicts';
import type { Shown } from './follow';

type Words = { t: TFunction; language: string };

const units = { plurality: 'votes', approval: 'votes', score: 'points', ranked: 'firsts', motion: 'votes' } as const;

/** Draws into `main` what is shown now. Rows stay the same elements, so that their bars move. */
export function draw(main: HTMLElement, { poll, results, colour, lost, missing }: Shown, words: Words): void {
  const { t } = words;
  main.removeAttribute('aria-busy');
  paint(colour);
  main.dataset.plain = String(results === null || !isTriumph(results));
  put(main, 'h1', 'title', poll?.title ?? '');
  put(main, 'p', 'facts', poll === null ? t(missing ? 'embed.missing' : 'embed.waiting') : wordFacts(poll, results, t));
  drawRows(main, poll, results, words);
  put(main, 'p', 'verdict', results === null ? '' : wordVerdict(t, results).join(' '));
  put(main, 'p', 'lost', lost ? t('link.lostScreen') : '');
}

/** Bars in the room's colour, in the tone that reads on light or on dark ground; without one, in the usual colour. */
function paint(colour: string | null): void {
  const { style } = document.documentElement;
  style.setProperty('--light-fill', colour && tonesOf(colour).light.accent);
  style.setProperty('--dark-fill', colour && tonesOf(colour).dark.accent);
}

function wordFacts(poll: Poll, results: Results | null, t: TFunction): string {
  const state = t(`state.${currentState(poll, results ?? undefined)}`);
  if (results === null) return state;
  const { ballots, eligible } = results;
  const turnout = eligible === null ? t('results.ballots', { count: ballots }) : t('results.ballotsOf', { ballots, eligible });
  const isHidden = results.tally === null && poll.state !== 'void';
  const hidden = isHidden ? [t(poll.results === 'host' ? 'results.hiddenHost' : 'results.hiddenClosed')] : [];
  return [state, turnout, ...hidden].join(' · ');
}

function drawRows(main: HTMLElement, poll: Poll | null, results: Results | null, words: Words): void {
  const list = find(main, 'ol', 'rows');
  const tally = results?.tally ?? [];
  const kept = new Map([...list.children].map((row) => [(row as HTMLElement).dataset.id, row as HTMLElement]));
  const rows = tally.map((row) => kept.get(String(row.candidate)) ?? makeRow(row.candidate));
  if (rows.length !== list.children.length || rows.some((row, place) => list.children[place] !== row)) list.replaceChildren(...rows);
  if (poll === null || results === null) return;
  tally.forEach((row, place) => {
    const element = rows[place];
    if (element !== undefined) fillRow(element, row, { poll, results }, words);
  });
}

function makeRow(candidate: number): HTMLElement {
  const row = document.createElement('li');
  row.dataset.id = String(candidate);
  return row;
}

function fillRow(element: HTMLElement, row: Tally, { poll, results }: { poll: Poll; results: Results }, { t, language }: Words): void {
  const won = results.winners?.includes(row.candidate) === true;
  const tied = results.tied?.includes(row.candidate) === true;
  const share = row.answer === 'abstain' ? null : voteShare(row.votes, poll, results);
  element.dataset.outcome = won ? 'won' : tied ? 'tied' : '';
  put(element, 'bdi', 'name', wordCandidate(t, row));
  put(element, 'strong', 'outcome', won ? t('results.winner') : tied ? t('results.tied') : '');
  const votes = t(`results.${units[results.method]}`, { count: row.votes });
  put(element, 'span', 'votes', share === null ? votes : `${votes} · ${formatShare(share, language)}`);
  const bar = find(element, 'span', 'bar');
  bar.hidden = share === null;
  bar.style.setProperty('--share', String(share ?? 0));
}

function find(parent: HTMLElement, tag: string, name: string): HTMLElement {
  const there = parent.querySelector<HTMLElement>(`:scope > .${name}`);
  if (there !== null) return there;
  const made = document.createElement(tag);
  made.className = name;
  return parent.appendChild(made);
}

/** Sets a text; an empty one takes its element's place away. */
function put(parent: HTMLElement, tag: string, name: string, text: string): void {
  const element = find(parent, tag, name);
  element.hidden = text === '';
  if (element.textContent !== text) element.textContent = text;
}
