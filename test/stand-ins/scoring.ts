import type { VideoFrame } from '../../drivers/types.ts';
import type { FaceScores, SoundScores } from '../../models/readings.ts';
import type { FaceJudge, SoundMeter, Zone } from '../../models/session.ts';

/** A judge and a meter that write down what they are given; what they say does not depend on it. */
export class Scoring implements FaceJudge {
  readonly said: string[] = [];
  readonly frames: VideoFrame[] = [];
  heard = 0;
  held = 0;
  raised = 0;

  begin(zone: Zone) {
    this.said.push(`begin face ${zone.left} to ${zone.right}`);
    return {
      see: (frame: VideoFrame) => void this.frames.push(frame),
      scores: (until?: number) => {
        this.said.push(`face until ${until}`);
        return this.#face();
      },
      end: () => void this.said.push('end face'),
    };
  }

  readonly meter: SoundMeter = {
    begin: (channel, patient) => {
      this.said.push(`begin sound ${channel} ${patient}`);
      return {
        hear: (pcm) => {
          this.heard += pcm.length;
        },
        scores: (until?: number) => {
          this.said.push(`sound until ${until}`);
          return this.#sound();
        },
        end: () => void this.said.push('end sound'),
      };
    },
  };

  get seen(): number {
    return this.frames.length;
  }

  #face(): FaceScores {
    return {
      ...{ kind: 'face', models: [{ id: 'net', version: '1', licence: 'MIT' }], thresholds: { hold: 2 } },
      summary: {
        ...{ looked: this.seen, scored: this.seen, coverage: 1, negative: 0.2, neutral: 0.3, positive: 0.5 },
        ...{
          held: { negative: this.held, positive: 0 },
          verdict: 'neutral',
          untold: {},
          others: 0,
          dropped: 0,
        },
      },
      bins: [{ valence: null, state: 'neutral', untold: null }],
    };
  }

  #sound(): SoundScores {
    return {
      ...{ kind: 'sound', models: [{ id: 'vad', version: '6', licence: 'MIT' }], thresholds: {} },
      summary: {
        ...{ heard: this.heard, speech: 0.5, longestSilence: 2, level: -30, raised: this.raised },
        ...{ conversation: 'not available', voice: null, phrases: null, dropped: 0 },
      },
      bins: [],
    };
  }
}
