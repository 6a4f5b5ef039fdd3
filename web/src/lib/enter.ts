// When an Enter sends, where text is composed: once for each press, and no line break is left. Knows no page.
//
// While a Hangul syllable is composed, browsers tell of one Enter in different ways:
//   Chrome        keydown (composing), compositionend, keydown (plain)
//   Firefox       keydown (composing), compositionend, line break
//   Safari        compositionend, keydown with the old code 229
//   some phones   compositionend, line break
// In Japanese and Chinese the same Enter only chooses what was composed: it sends nothing.

/** `keyCode` is old, and nothing else tells Safari's two Enters apart. */
export type Press = Pick<KeyboardEvent, 'key' | 'code' | 'isComposing' | 'shiftKey' | 'repeat'> & { keyCode: number };

/** `send`: now. `hold`: neither send nor break the line. `leave`: the browser does what it does. */
export type Answer = 'send' | 'hold' | 'leave';

const hangul = /^[\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff]+$/;
const isEnter = ({ key, code }: Press) => key === 'Enter' || (key === 'Process' && /^(Numpad)?Enter$/.test(code));

export type EnterReader = ReturnType<typeof makeEnterReader>;

/** Reads the events of one field, or of the fields of one form. */
export function makeEnterReader() {
  /** What was composed last, until another key is pressed. */
  let composed = '';
  /** Enter was pressed while a syllable was composed. */
  let waits = false;
  /** What the key that is down has done already. */
  let done: 'sent' | 'broken' | null = null;

  const send = (): Answer => {
    [composed, waits, done] = ['', false, 'sent'];
    return 'send';
  };

  return {
    keydown: (press: Press): Answer => {
      if (!isEnter(press) || press.shiftKey) {
        waits = false;
        done = isEnter(press) ? 'broken' : null;
        // A phone's keyboard names no key, and gives this code to all.
        if (press.keyCode !== 229) composed = '';
        return 'leave';
      }
      if (done === 'sent' || press.repeat) return 'hold';
      done = null;
      if (press.isComposing) waits = true;
      else if (press.keyCode !== 229 || hangul.test(composed)) return send();
      return 'hold';
    },

    /** `run` sends, once the field has the text. */
    compositionend: (data: string, run: () => void) => {
      composed = data;
      if (waits && hangul.test(data)) {
        send();
        setTimeout(run);
      }
      waits = false;
    },

    /** A line break is about to come into the field. */
    lineBreak: (): Answer => {
      if (done === 'broken') return 'leave';
      return done === 'sent' ? 'hold' : send();
    },

    /** The key is up, something else was typed, or the field has the focus anew: the next Enter is another one. */
    rest: () => {
      done = null;
    },
  };
}
