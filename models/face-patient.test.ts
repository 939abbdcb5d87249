import { expect, test } from 'vitest';
import type { Face } from './blazeface.ts';
import { PatientFace } from './face-patient.ts';

const nowhere = { x: 0, y: 0 };
const landmarks = {
  rightEye: nowhere,
  leftEye: nowhere,
  noseTip: nowhere,
  mouth: nowhere,
  rightEar: nowhere,
  leftEar: nowhere,
};
const face = (x: number, size: number): Face => ({
  x,
  y: 100,
  width: size,
  height: size,
  score: 0.9,
  landmarks,
});

/** What is chosen, picture by picture: where it begins, its number, how many others. */
function chosen(...pictures: [at: number, faces: Face[]][]) {
  const patient = new PatientFace();
  return pictures.map(([at, faces]) => {
    const choice = patient.choose(faces, at);
    return choice && [choice.face.x, choice.number, choice.others.length];
  });
}

test('the largest face is the patient, the others are others', () => {
  expect(chosen([0, []], [1, [face(10, 50), face(300, 80), face(500, 40)]])).toEqual([null, [300, 1, 2]]);
});

test('who was chosen stays so when another is a little nearer, or nearer for a moment', () => {
  const patient = face(10, 100);
  expect(
    chosen(
      [0, [patient]],
      [1, [patient, face(300, 115)]],
      [2, [patient, face(300, 115)]],
      [3, [patient, face(300, 160)]],
      [4, [patient, face(300, 110)]],
      [5, [patient, face(300, 160)]],
    ).map((choice) => choice?.slice(0, 2)),
  ).toEqual(Array(6).fill([10, 1]));
});

test('another takes over who is clearly nearer for 2 s', () => {
  const both = [face(10, 100), face(300, 130)];
  expect(chosen([0, [face(10, 100)]], [1, both], [2, both], [3, both], [4, both])).toEqual([
    [10, 1, 0],
    [10, 1, 1],
    [10, 1, 1],
    [300, 2, 1],
    [300, 2, 1],
  ]);
});

test('a face elsewhere, or in the same place after more than 2 s, may be somebody else', () => {
  expect(
    chosen(
      [0, [face(10, 100)]],
      [1, []],
      [1.5, [face(30, 100)]],
      [2, [face(400, 100)]],
      [5, [face(400, 100)]],
    ),
  ).toEqual([[10, 1, 0], null, [30, 1, 0], [400, 2, 0], [400, 3, 0]]);
});

test('a face that was followed is known however far it went and however long ago it was found', () => {
  const patient = new PatientFace();
  patient.choose([face(10, 100)], 0);
  patient.followed(face(200, 100), 4);
  expect(patient.choose([face(10, 100), face(215, 100)], 8, face(210, 100))).toMatchObject({
    face: { x: 215 },
    number: 1,
  });
});
