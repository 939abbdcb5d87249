/** Made for whom, where, when: drawn over each picture of a clip that leaves the device. */
export interface Mark {
  /** Login name. */
  readonly account: string;
  readonly device: string;
  /** ISO 8601. */
  readonly at: string;
}

/** ffmpeg arguments, between input and output, that draw the mark over the pictures; the sound stays as it is. */
export function markedArgs(mark: Mark): string[] {
  const text = `${mark.account} · ${mark.device} · ${mark.at}`;
  const options = [
    `text=${escaped(text)}`,
    // Without it `%{…}` in a name would be carried out.
    'expansion=none',
    // By fontconfig: it has the letters of all our languages, and another font takes its place where it is missing.
    'font=DejaVu Sans',
    ...['fontsize=max(12\\,h/24)', 'fontcolor=white@0.9', 'box=1', 'boxcolor=black@0.45', 'boxborderw=6'],
    ...['x=(w-tw)/2', 'y=h-th-12'],
  ];
  return [
    ...['-map', '0:v:0', '-map', '0:a:0?', '-vf', `drawtext=${options.join(':')}`],
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '24', '-pix_fmt', 'yuv420p', '-c:a', 'copy'],
    ...['-metadata', `comment=${text}`],
    // A pipe cannot be sought in: fragments, each with its own index.
    ...['-movflags', 'frag_keyframe+empty_moov+default_base_moof', '-f', 'mp4'],
  ];
}

/**
 * A value in a filter's options, which ffmpeg unescapes twice: once for the graph, once for the option (ffmpeg-filters(1),
 * "Notes on filtergraph escaping"). A backslash before a letter that needs none does no harm.
 */
function escaped(value: string): string {
  const once = (text: string) => text.replaceAll(/[\\'":,;=[\]%{}\s#]/g, (letter) => `\\${letter}`);
  return once(once(value.replaceAll(/[\x00-\x1f\x7f]/g, ' ')));
}
