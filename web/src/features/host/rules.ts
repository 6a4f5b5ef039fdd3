// What a poll's rules mean to those who vote, and where a host should look twice. Pure: keys of sentences, not words.
import type { Poll } from '../../lib/contract';

export type Rules = Pick<
  Poll,
  'method' | 'rule' | 'secrecy' | 'results' | 'eligibility' | 'require_presence' | 'allow_change' | 'threshold'
>;

export type Sentence = {
  key:
    | `method_${Poll['method']}`
    | 'method_ranked_schulze'
    | `eligibility_${Poll['eligibility']}`
    | `secrecy_${Poll['secrecy']}`
    | `results_${Poll['results']}`
    | 'liveSecret'
    | 'emptyRoll'
    | 'presence'
    | 'changeable'
    | 'final'
    | 'threshold'
    | 'threshold_motion'
    | 'frozen';
  /** That it is not what most meetings want. */
  warns: boolean;
};

export function explainRules(rules: Rules, hasRoll: boolean): Sentence[] {
  const { method, secrecy, results, eligibility } = rules;
  const sentences: (Sentence | false)[] = [
    { key: method === 'ranked' && rules.rule === 'schulze' ? 'method_ranked_schulze' : `method_${method}`, warns: false },
    { key: `eligibility_${eligibility}`, warns: eligibility !== 'roll' },
    eligibility === 'roll' && !hasRoll && { key: 'emptyRoll', warns: true },
    rules.require_presence && { key: 'presence', warns: false },
    { key: `secrecy_${secrecy}`, warns: false },
    { key: `results_${results}`, warns: false },
    secrecy === 'secret' && results === 'live' && { key: 'liveSecret', warns: true },
    { key: rules.allow_change ? 'changeable' : 'final', warns: false },
    rules.threshold !== null && { key: method === 'motion' ? 'threshold_motion' : 'threshold', warns: false },
    { key: 'frozen', warns: false },
  ];
  return sentences.filter((sentence) => sentence !== false);
}
