import { type Machine, made, ROOT, startMachine } from './machine.ts';

/** Where the project is in the machine. */
export const APP = '/mnt';

/** A PC with Debian's kernel and this machine's files, read-only; gpio-sim, a camera (vivid), a sound card (snd-aloop), USB. */
export function startX86(): Promise<Machine> {
  const args = () => [
    ...['-M', 'q35,i8042=off', '-cpu', 'max', '-m', '1536'],
    // Its clock goes on by what it computes, 2 ns an instruction, and in real time while it waits: for itself it is no
    // slower than a small computer, however busy this one is. Programs that watch each other would give each other up.
    ...['-icount', 'shift=1'],
    ...['-kernel', made('x86/vmlinuz'), '-initrd', made('x86/root.cpio')],
    ...['-fsdev', 'local,id=host,path=/,security_model=none,readonly=on,multidevs=remap'],
    ...['-device', 'virtio-9p-pci,fsdev=host,mount_tag=host', '-device', 'qemu-xhci,id=usb'],
  ];
  const append = `console=ttyS0 tsc=reliable mitigations=off guest_app=${ROOT}`;
  return startMachine({ qemu: 'qemu-system-x86_64', args, append });
}
