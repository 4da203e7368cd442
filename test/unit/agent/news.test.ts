/** What is told at once, and what waits until everything is told again. */
import { describe, expect, test } from 'vitest';
import { News } from '../../../agent/features/news.ts';

interface Heard {
  mac: string;
  state: string;
  dbm: number;
}

const heard = (mac: string, state: string, dbm: number): Heard => ({ mac, state, dbm });
const newsOf = (limit = 8) =>
  new News<Heard>({ keyOf: ({ mac }) => mac, newsOf: ({ state }) => state, limit });

describe('news', () => {
  test('whom nobody told of, and who has changed, is told at once; another signal waits', () => {
    const news = newsOf();
    const first = [heard('a', 'joined', -50), heard('b', 'joined', -60)];
    expect(news.take(first, false)).toEqual(first);
    expect(news.take([heard('a', 'joined', -51), heard('b', 'left', -60)], false)).toEqual([
      heard('b', 'left', -60),
    ]);
  });

  test('what waits is told when everything is, as it was heard last, and then no more', () => {
    const news = newsOf();
    news.take([heard('a', 'joined', -50)], false);
    for (const dbm of [-51, -52, -53]) expect(news.take([heard('a', 'joined', dbm)], false)).toEqual([]);
    expect(news.take([], true)).toEqual([heard('a', 'joined', -53)]);
    expect(news.take([], true)).toEqual([]);
  });

  test('what was told as news in the meantime does not wait any more', () => {
    const news = newsOf();
    news.take([heard('a', 'joined', -50)], false);
    news.take([heard('a', 'joined', -51)], false);
    expect(news.take([heard('a', 'left', -52)], false)).toHaveLength(1);
    expect(news.take([], true)).toEqual([]);
  });

  test('who is forgotten waits for nothing, and is news when heard again', () => {
    const news = newsOf();
    news.take([heard('a', 'joined', -50), heard('b', 'joined', -50)], false);
    news.take([heard('a', 'joined', -51), heard('b', 'joined', -51)], false);
    news.forget(({ mac }) => mac === 'a');
    expect(news.take([], true)).toEqual([heard('b', 'joined', -51)]);
    expect(news.take([heard('a', 'joined', -52)], false)).toHaveLength(1);
  });

  test('it remembers a bounded number', () => {
    const news = newsOf(2);
    for (const mac of ['a', 'b', 'c']) news.take([heard(mac, 'joined', -50)], false);
    expect(news.take([heard('c', 'joined', -50), heard('a', 'joined', -50)], false)).toHaveLength(1);
  });
});
