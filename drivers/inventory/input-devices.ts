export interface InputDevice {
  /** Such as /dev/input/event0. */
  readonly path: string;
  readonly name: string;
  /** Below /dev/input/by-id: what belongs into the config. */
  readonly links: readonly string[];
}

/**
 * /proc/bus/input/devices: what has keys, which are keyboards, keypads and card readers, but also the headphone key of
 * a sound card. Pure. `links` maps a link to the path it leads to.
 */
export function parseInputDevices(text: string, links: ReadonlyMap<string, string>): InputDevice[] {
  return text.split(/\n\s*\n/).flatMap((block) => {
    const handlers = /^H: Handlers=(.*)$/m.exec(block)?.[1]?.trim().split(/\s+/) ?? [];
    const event = handlers.find((handler) => /^event\d+$/.test(handler));
    if (event === undefined || !handlers.includes('kbd')) return [];
    const path = `/dev/input/${event}`;
    return {
      path,
      name: /^N: Name="(.*)"$/m.exec(block)?.[1] ?? '',
      links: [...links].filter(([, to]) => to === path).map(([link]) => link),
    };
  });
}
