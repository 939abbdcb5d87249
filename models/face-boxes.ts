import type { Face } from './blazeface.ts';
import type { Picture } from './picture.ts';

/** Where a face is: shares of the picture, (0, 0) its upper left corner. It may reach beyond. */
export interface FaceBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** No faces: nobody was found. `dropped`: the picture was not searched, because others were before it or the nets were down. */
export type FindResult = readonly FaceBox[] | 'dropped';

/** Only where they are: what else the net says of faces stays here. */
export function boxesOf(faces: readonly Face[], { width, height }: Picture): FaceBox[] {
  return faces.map((face) => ({
    x: face.x / width,
    y: face.y / height,
    width: face.width / width,
    height: face.height / height,
  }));
}
