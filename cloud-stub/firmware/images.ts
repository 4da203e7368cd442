import type { KeyObject } from 'node:crypto';
import type { Clock } from '../../platform/ports/clock.ts';
import { AirherdError } from '../../protocol/errors.ts';
import { checkPayload, readImage } from '../../protocol/firmware/image.ts';
import {
  type Manifest,
  openManifest,
  readManifest,
  type SignedManifest,
} from '../../protocol/firmware/manifest.ts';
import { blob, type Db, number, type Row, text } from '../store/database.ts';

export interface Image extends Manifest {
  /** SHA-256 of its payload, hexadecimal. */
  id: string;
  /** Bytes of the payload that are here. */
  received: number;
  /** Whole, and judged: it may be rolled out. */
  complete: boolean;
  uploadedMs: number;
}

/** Images that a vendor has signed, with their payloads. */
export interface Images {
  /** Throws firmware-signature. What is there already is left as it is, so that an upload can go on. */
  begin(signed: SignedManifest): Image;
  /** The next bytes. The last ones are taken when digest and image are sound; else all of it is forgotten. */
  append(id: string, offset: number, bytes: Uint8Array): Promise<Image>;
  find(id: string): Image | null;
  /** As they were signed. */
  signed(id: string): SignedManifest;
  list(): Image[];
  /** From `from`, before `to`, piece by piece. */
  read(id: string, from: number, to: number): Generator<Buffer>;
  remove(id: string): void;
}

export interface ImagesOptions {
  db: Db;
  clock: Clock;
  /** Whose manifests are taken: asked at each upload. */
  keys(): readonly KeyObject[];
}

export function images({ db, clock, keys }: ImagesOptions): Images {
  const select = db.prepare(
    'SELECT *, (SELECT coalesce(sum(length(bytes)), 0) FROM pieces WHERE image = id) AS received FROM images WHERE id = ?',
  );
  const insert = db.prepare(
    'INSERT INTO images (id, version, manifest, signature, size, uploaded_ms) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const insertPiece = db.prepare('INSERT INTO pieces (image, start, bytes) VALUES (?, ?, ?)');
  const selectPiece = db.prepare(
    'SELECT start, bytes FROM pieces WHERE image = ? AND start <= ? ORDER BY start DESC LIMIT 1',
  );

  const find = (id: string): Image | null => {
    const row = select.get(id);
    return row ? imageOf(row) : null;
  };
  const known = (id: string): Image => {
    const image = find(id);
    if (!image) throw new AirherdError('firmware-invalid', { path: id, detail: 'no such image was begun' });
    return image;
  };
  const remove = (id: string): void => {
    db.transaction(() => {
      db.prepare('DELETE FROM pieces WHERE image = ?').run(id);
      db.prepare('DELETE FROM images WHERE id = ?').run(id);
    });
  };
  function* read(id: string, from: number, to: number): Generator<Buffer> {
    for (let at = from; at < to; ) {
      const row = selectPiece.get(id, at);
      if (!row) return;
      const start = number(row.start);
      const piece = blob(row.bytes).subarray(at - start, to - start);
      // A hole, which an upload does not leave.
      if (piece.length === 0) return;
      yield piece;
      at += piece.length;
    }
  }

  return {
    begin(signed) {
      const read = readManifest(signed.manifest);
      const version = read.ok ? read.manifest.version : 'that was sent';
      const { payload } = openManifest(signed, keys(), version);
      const before = find(payload.sha256);
      if (!before) {
        const { manifest, signature } = signed;
        insert.run(payload.sha256, version, manifest, signature, payload.size, clock.wallMs());
      } else if (!blob(select.get(before.id)?.manifest).equals(signed.manifest)) {
        const detail = 'another manifest describes this image already';
        throw new AirherdError('firmware-invalid', { path: before.version, detail });
      }
      return known(payload.sha256);
    },
    async append(id, offset, bytes) {
      const image = known(id);
      const { version, payload, received } = image;
      // Sent again, because its answer was lost.
      if (offset + bytes.length <= received) return image;
      if (offset !== received || offset + bytes.length > payload.size) {
        const detail = `${received} of ${payload.size} bytes are here; ${bytes.length} at ${offset} do not follow`;
        throw new AirherdError('firmware-invalid', { path: version, detail });
      }
      insertPiece.run(id, offset, bytes);
      if (offset + bytes.length === payload.size) {
        try {
          const whole = Buffer.concat([...read(id, 0, payload.size)]);
          checkPayload(whole, image);
          await readImage(whole, version);
        } catch (error) {
          remove(id);
          throw error;
        }
        db.prepare('UPDATE images SET complete = 1 WHERE id = ?').run(id);
      }
      return known(id);
    },
    find,
    signed(id) {
      const row = select.get(id);
      return { manifest: blob(row?.manifest), signature: blob(row?.signature) };
    },
    list: () =>
      db
        .prepare('SELECT id FROM images ORDER BY uploaded_ms DESC, id')
        .all()
        .map(({ id }) => known(text(id))),
    read,
    remove,
  };
}

function imageOf(row: Row): Image {
  const manifest = blob(row.manifest);
  const read = readManifest(manifest);
  if (!read.ok) throw new AirherdError('firmware-invalid', { path: text(row.version), detail: read.detail });
  return {
    ...read.manifest,
    id: text(row.id),
    received: number(row.received),
    complete: number(row.complete) === 1,
    uploadedMs: number(row.uploaded_ms),
  };
}
