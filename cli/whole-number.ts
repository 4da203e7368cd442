import { InvalidArgumentError } from 'commander';

/** Parser of an option: a whole number from 1 to `max`. */
export const upTo =
  (max: number) =>
  (text: string): number => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= 1 && value <= max) return value;
    throw new InvalidArgumentError(`It is not a whole number from 1 to ${max}.`);
  };
