import { type Face, largest, overlap } from './blazeface.ts';

export const PATIENT_LIMITS = {
  /** Common area ÷ joint area: from here on a found face is the one that was followed. */
  'patient.overlap': 0.3,
  /** Another face takes over when its area has been so many times as large as the patient's … */
  'patient.larger': 1.5,
  /** … for so many seconds. */
  'patient.patience': 2,
  /** A face that was out of sight for longer, in seconds, may be somebody else's, though it is in the same place. */
  'patient.absence': 2,
} as const;

/** Whose face is read. */
export interface Choice {
  readonly face: Face;
  /** Another number: a face that may be somebody else's. */
  readonly number: number;
  readonly others: readonly Face[];
}

/**
 * Chooses the patient's face among those of a picture: the largest one, which is nearest to the desk. Who was chosen
 * stays so until somebody else is clearly nearer for a while. It goes by place and size alone.
 */
export class PatientFace {
  #last: { face: Face; number: number; at: number } | null = null;
  #count = 0;
  /** Since when another face has been the larger one, in seconds. */
  #rivalSince: number | null = null;

  /** `followed`: where the tracker has the patient's face now. */
  choose(faces: readonly Face[], at: number, followed: Face | null = null): Choice | null {
    const patient = largest(faces);
    if (!patient) return null;
    const stays = this.#found(faces, at, followed);
    const [face, number] =
      stays && !this.#overtaken(stays, patient, at) ? [stays, this.#count] : [patient, this.#next()];
    this.#last = { face, number, at };
    return { face, number, others: faces.filter((other) => other !== face) };
  }

  /** The patient's face, followed to here without the detector. */
  followed(face: Face, at: number): void {
    this.#last = { face, number: this.#count, at };
  }

  /** Who was chosen before, where they were seen last. */
  #found(faces: readonly Face[], at: number, followed: Face | null): Face | null {
    const seen =
      this.#last && at - this.#last.at <= PATIENT_LIMITS['patient.absence'] ? this.#last.face : null;
    const expected = followed ?? seen;
    if (!expected) return null;
    const nearest = faces.reduce((best, face) =>
      overlap(face, expected) > overlap(best, expected) ? face : best,
    );
    return overlap(nearest, expected) >= PATIENT_LIMITS['patient.overlap'] ? nearest : null;
  }

  #overtaken(patient: Face, rival: Face, at: number): boolean {
    if (area(rival) < PATIENT_LIMITS['patient.larger'] * area(patient)) {
      this.#rivalSince = null;
      return false;
    }
    this.#rivalSince ??= at;
    return at - this.#rivalSince >= PATIENT_LIMITS['patient.patience'];
  }

  #next(): number {
    this.#rivalSince = null;
    this.#count += 1;
    return this.#count;
  }
}

const area = (face: Face) => face.width * face.height;
