import { describe, expect, it } from 'vitest';
import { DAILY, DAYS, dialectFiles, ends, values } from './testing/dialect-files.ts';

const { read, refusal } = dialectFiles('positioned-columns');

describe('columns named by position', () => {
  const columns = 'time=0,open=1,high=2,low=3,close=4,volume=5';
  const comma = (value: number): string => value.toFixed(2).replace('.', ',');
  const dotted = (day: string): string => day.split('-').reverse().join('.');
  const table = (between: string, write: (value: number) => string = String, time = (day: string): string => day) =>
    DAYS.map((day, i) => [time(day), ...values(i).map(write)].join(between)).join('\n');
  const names = (between: string): string => `${['Tag', 'Anfang', 'Hoch', 'Tief', 'Ende', 'Stück'].join(between)}\n`;

  it.each<[string, string, string]>([
    ['semicolons and decimal commas', table(';', comma, dotted), columns],
    ['the same below a header of unknown names', names(';') + table(';', comma, dotted), columns],
    ['blanks inside of times', table(';', comma, (day) => `${dotted(day)} 00:00`), columns],
    ['tabs and decimal commas', names('\t') + table('\t', comma, dotted), columns],
    ['bars', names('|') + table('|'), columns],
    ['commas', table(','), columns],
    [
      'a title with the delimiter in it',
      `Export, made by us; yes\n\n${names(';')}${table(';', comma, dotted)}`,
      columns,
    ],
    ['prices by position, the time by its name', `Date;A;B;C;D;E\n${table(';', comma, dotted)}`, columns.slice(7)],
  ])('find out what stands between cells: %s', async (_what, content, chosen) => {
    expect(ends((await read(content, { dialect: { columns: chosen } })).universe[0]!)).toEqual(DAILY);
  });

  it('pass over no row that is broken', async () => {
    const broken = table(';', comma, dotted).replace(/^[^;]+;/, 'gestern;');
    const { message } = await refusal(`${names(';')}${broken}`, { dialect: { columns } });
    expect(message).toMatch(/line 2: time "gestern" is not a time/);
  });

  it('are refused with the width that the file has', async () => {
    const { message } = await refusal(table(';', comma, dotted), {
      dialect: { columns: columns.replace('close=4', 'close=9') },
    });
    expect(message).toMatch(/close is column 9, and the file has 6/);
  });
});
