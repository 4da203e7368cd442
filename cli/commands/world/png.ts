/** Pictures in and out, by pngjs. */
import { PNG } from 'pngjs';
import { AirherdError } from '../../../protocol/errors.ts';
import type { PlanImage } from '../../../world/site/import/image-plan.ts';

export const isPng = (bytes: Buffer): boolean => bytes.length >= 8 && bytes.readUInt32BE(0) === 0x89504e47;

/** @throws AirherdError usage-invalid for what is no PNG, and for one of too many pixels, before it is unpacked. */
export function readPng(path: string, bytes: Buffer, maxPixels: number): PlanImage {
  const refuse = (detail: string): never => {
    throw new AirherdError('usage-invalid', { detail: `${path}: ${detail}` });
  };
  if (bytes.length < 33 || !isPng(bytes)) refuse('is no PNG; save the plan as PNG');
  // IHDR is the first chunk (ISO/IEC 15948 11.2.2).
  const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  if (width * height > maxPixels)
    refuse(`${width} × ${height} pixels are too many; scale it down to ${maxPixels}`);
  try {
    const { data } = PNG.sync.read(bytes);
    return { width, height, rgba: data };
  } catch (error) {
    return refuse(`is a damaged PNG: ${(error as Error).message}`);
  }
}

export function writePng({ width, height, rgba }: PlanImage): Buffer {
  const png = new PNG({ width, height });
  png.data = Buffer.from(rgba.buffer, rgba.byteOffset, rgba.length);
  return PNG.sync.write(png);
}
