/** Names of people who do not exist. */
import type { Draws } from '../random.ts';

const FIRST =
  'Anna,Ben,Carla,David,Elif,Farid,Grace,Hugo,Ines,Jonas,Kenji,Laura,Mateo,Nadia,Omar,Paula,Quinn,Rosa,Sam,Tara,Umar,Vera,Wei,Ximena,Yusuf,Zoe'.split(
    ',',
  );
const LAST =
  'Abe,Berg,Costa,Diaz,Evans,Fischer,Garcia,Haddad,Ito,Jansen,Kaya,Lopez,Meyer,Novak,Okoro,Park,Quist,Rossi,Singh,Tanaka,Ueda,Varga,Weber,Xu,Yilmaz,Zeman'.split(
    ',',
  );

export interface PersonName {
  first: string;
  last: string;
}

export const personName = (draws: Draws): PersonName => ({
  first: draws.pick(FIRST),
  last: draws.pick(LAST),
});

/** `anna.berg17@corp.example`; the number keeps namesakes apart. */
export const userNameOf = ({ first, last }: PersonName, person: number, domain: string): string =>
  `${first}.${last}${person}@${domain}`.toLowerCase();

const LETTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** As Windows names a new machine: seven letters and digits. */
export const generatedSuffix = (draws: Draws): string =>
  Array.from({ length: 7 }, () => LETTERS[draws.integer(0, LETTERS.length - 1)]).join('');
