import { describe, expect, test } from 'vitest';

import type { RollColumn } from '../../lib/contract';
import { askUses, chooseUse, findColumn, listPeople, listSamples, readUses } from './roll-columns';
import { readLines } from './roll-file';

const column = (called: string, field: RollColumn['field'] = null, ignored = false) => ({ called, field, ignored });
const columns = [column('이름', 'name'), column('번호', 'ref'), column('phone'), column('a, "b"', null, true)];
const chosen = readUses(columns);

test('readUses has fields, and columns that are kept or ignored', () => {
  expect([...chosen]).toEqual([['이름', 'name'], ['번호', 'ref'], ['phone', 'keep'], ['a, "b"', 'ignore']]);
});

describe('chooseUse', () => {
  test('moves a field, and keeps the column that held it', () => {
    const moved = chooseUse(chosen, 'phone', 'ref');

    expect([...moved.values()]).toEqual(['name', 'keep', 'ref', 'ignore']);
    expect(findColumn(moved, 'ref')).toBe('phone');
  });

  test.each(['keep', 'ignore'] as const)('lets any number of columns be for %s', (use) => {
    expect([...chooseUse(chosen, '번호', use).values()]).toEqual(['name', use, 'keep', 'ignore']);
  });

  test('tells columns apart that differ only in case', () => {
    const alike = readUses([column('Phone'), column('phone')]);

    expect([...chooseUse(alike, 'phone', 'name')]).toEqual([['Phone', 'keep'], ['phone', 'name']]);
  });
});

describe('askUses', () => {
  test('leaves it to the headers until something was chosen', () => {
    expect(askUses(null)).toEqual({});
  });

  test('says of every field which column has it or that none has, and quotes what is ignored', () => {
    expect(askUses(chosen)).toEqual({
      ...{ name_column: '이름', email_column: '', ref_column: '번호', role_column: '' },
      ignored_columns: '"a, ""b"""',
    });
  });

  test('ignores nothing where all is kept', () => {
    expect(askUses(readUses([column('이름', 'name')]))).not.toHaveProperty('ignored_columns');
  });
});

describe('listSamples', () => {
  test('has the first cells of each column, empty ones passed over', () => {
    const lines = readLines('이름,phone,,\nA,1\nB,\nC,3\nD,4\nE,5');

    expect(listSamples([column('이름', 'name'), column('phone')], lines)).toEqual(
      new Map([['이름', ['A', 'B', 'C']], ['phone', ['1', '3', '4']]]),
    );
  });

  test('passes over the columns of a saved roll that the server does not tell', () => {
    const lines = readLines('name,claimed,Checked_in,phone\nA,1,0,010');

    expect(listSamples([column('name', 'name'), column('phone')], lines).get('phone')).toEqual(['010']);
  });

  test('shows the text of cells that spreadsheets guard', () => {
    const lines = readLines(`name,ref\nA,="007"\nB,'008\nC,'=9`);

    expect(listSamples([column('name', 'name'), column('ref', 'ref')], lines).get('ref')).toEqual(['007', '008', '=9']);
  });

  test('has none where it reads other columns than the server', () => {
    expect(listSamples([column('name', 'name')], readLines('name;phone\nA;1'))).toEqual(new Map());
  });
});

describe('listPeople', () => {
  const lines = readLines('이름,phone,team\nA,1,X\n,2,Y\nB,,Z\nC,3\nD,4');
  const columns = [column('이름', 'name'), column('phone'), column('team')];

  test('has the first people with what is kept of each', () => {
    expect(listPeople(columns, lines, readUses(columns))).toEqual([
      { name: 'A', more: ['phone: 1', 'team: X'] },
      { name: 'B', more: ['team: Z'] },
      { name: 'C', more: ['phone: 3'] },
    ]);
  });

  test('follows the choices', () => {
    const chosen = chooseUse(chooseUse(readUses(columns), 'phone', 'ref'), 'team', 'ignore');

    expect(listPeople(columns, lines, chosen)[0]).toEqual({ name: 'A', more: ['1'] });
  });

  test('has nobody where no column has the names', () => {
    expect(listPeople(columns, lines, chooseUse(readUses(columns), '이름', 'keep'))).toEqual([]);
  });
});
