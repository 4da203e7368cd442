/** One promise, and the test that holds it: `airherd privacy promises` and the API show both. */
export interface PrivacyPromise {
  /** Stable, lower case with hyphens. */
  id: string;
  /** What the promise belongs to. */
  area: 'security' | 'collection' | 'location' | 'rights';
  text: string;
  test: {
    /** From the project's root. */
    file: string;
    /** The words in that file's `test('…')` or `describe('…')` that stand for it. */
    name: string;
  };
}
