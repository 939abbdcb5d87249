/**
 * Every error the service raises on purpose: its code, what it means, and what to do about it. A remedy is one
 * sentence to the technician at the desk; the raise may give a closer one. Imported by every room but
 * `device/contacts`, which raises nothing.
 */
const CATALOGUE = {
  CA_CONFIG_INVALID:
    'Correct the settings named above; `contact-analyzer check-config FILE` checks the file again.',
  CA_CONFIG_UNREADABLE: 'Check the path and that the service may read the file.',
  CA_CONFIG_CHANGED:
    'Somebody has changed the config file meanwhile: look at it as it is now, and decide again.',
  CA_CONFIG_UNWRITABLE:
    'Change the lines by hand, then run `contact-analyzer reload`; or let the service write the file.',
  CA_SECRET_UNREADABLE:
    'Put the secret in the file that the config names, readable by the service only, or load it with systemd `LoadCredential=`.',
  CA_USAGE: 'Run `contact-analyzer help` for the commands and their arguments.',
  CA_EVENTS_INVALID: 'Correct or remove the line named; `contact-analyzer export-events` writes the format.',
  CA_STORE_UNUSABLE: 'Check that the data folder exists, is writable by the service and has space left.',
  CA_STORE_NEWER:
    'This store was written by a newer release: install that release again, or restore the backup made before it.',
  CA_STORE_BUSY:
    'Another contact-analyzer uses this data folder: stop it, or give this one a folder of its own.',
  CA_INPUT_LOST: 'Check the cable and the power of the sensor; it is tried again by itself.',
  CA_INPUT_SILENT:
    'The port is open but the sensor says nothing: check its power, its baud rate and that TX goes to RX.',
  CA_LINE_FAILED: 'See which GPIO lines there are and who uses them: `gpioinfo` (Debian package gpiod).',
  CA_SENSOR_REFUSED:
    'The sensor does not do as it is told: check that its RX is wired as well, and that it is the model in the config.',
  CA_SENSOR_STUCK:
    'Look at what stands before the sensor and at its sensitivity; counting goes on once it has been free.',
  CA_CAMERA_LOST: 'Check the camera, its cable or network address; it is tried again by itself.',
  CA_MICROPHONE_LOST:
    'Check that the microphone is plugged in (`arecord -L` lists them); it is tried again by itself.',
  CA_CAPTURE_FAILED: 'See the message of ffmpeg; capturing is tried again by itself.',
  CA_CAPTURE_STALLED: 'No pictures or sound arrived for a while; capturing is started again by itself.',
  CA_RING_NOT_IN_RAM: 'Set `recording.ring` to a folder on a tmpfs such as /dev/shm or /run.',
  CA_CLIP_FAILED: 'The contact is counted, its clip could not be made: see the cause.',
  CA_CLIP_NOT_COVERED: 'Nothing was captured during this contact: check camera and microphone.',
  CA_CLIP_NOT_FOUND: 'The clip was deleted, or its name is not one of the vault.',
  CA_CLIP_DAMAGED:
    'The file is not what was written: see the disk (`dmesg`); another copy of the file may still be whole.',
  CA_VAULT_KEY_INVALID:
    'Make a key with `openssl rand -hex 32`, and keep a copy of it: without it no clip can be opened.',
  CA_VAULT_WRONG_KEY: 'Give the service the device key that the clip was sealed with.',
  CA_VAULT_UNWRITABLE:
    'Check that the disk of the clips has space left, is not read-only, and that the service may write to it.',
  CA_VAULT_UNREADABLE: 'Check that the disk of the clips is there and that the service may read it.',
  CA_CLIP_MISSING:
    'A clip vanished from the vault although nothing here deleted it: check the disk and who may write to it.',
  CA_LAMP_FAILED:
    'Check the recording lamp and its wiring; nothing is recorded until it lights, and it is tried again by itself.',
  CA_TOOL_MISSING: 'Install the program named (Debian package of the same name unless it says otherwise).',
  CA_SCORES_REFUSED:
    "Give the patient's part of the picture by `camera.patient` of the desk: shares from 0 to 1, left before right and top before bottom.",
  CA_MODEL_INVALID:
    'Correct what is named above; models/own/README.md says what a model of your own must bring.',
  CA_SCORER_FAILED:
    'Contacts are counted and recorded without scores; the scorer is started again by itself.',
  CA_BROKER_UNREACHABLE: 'Check the address of the broker and the network; messages wait in the outbox.',
  CA_BROKER_REFUSED: 'Check user, password and client id at the broker; messages wait in the outbox.',
  CA_BROKER_UNTRUSTED:
    "The broker's certificate is not one that this device trusts: check `mqtt.tls.ca`, the name in `mqtt.url` and the clock.",
  CA_PUBLISH_REFUSED: 'The broker does not let this device publish on that topic: correct its access list.',
  CA_SUBSCRIBE_REFUSED:
    'The broker does not let this device subscribe to that topic: correct its access list.',
  CA_CERTIFICATE_INVALID:
    'Check the files that `mqtt.tls` or `page.tls` names: PEM, readable by the service, the key fitting the certificate.',
  CA_CERTIFICATE_EXPIRES:
    'Put a new certificate in the place of the old one: it is read by itself, without a restart.',
  CA_ACK_INVALID:
    'The hub acknowledges what this device never sent: see whether another device has the same name.',
  CA_HUB_SILENT: 'Check that the hub runs, reaches the broker and may publish on the topic `ack`.',
  CA_BACKLOG_DROPPED:
    'The hub has been away for too long: bring it back; `mqtt.backlog` says how much waits for it.',
  CA_MESSAGES_GONE:
    'Events that the hub has acknowledged are kept for 14 days: restore them from its backup.',
  CA_COMMAND_DENIED: 'Add the command to `mqtt.commands` of the device if it may be given by MQTT.',
  CA_COMMAND_INVALID: 'Correct the request; uploader/orders.md says what each command takes.',
  CA_COMMAND_FAILED: 'See the log of the device: the command is right, but carrying it out failed.',
  CA_ACCOUNT_UNKNOWN: 'See the page `Accounts` for the names; without one, an administrator is made.',
  CA_CONTACT_UNKNOWN: 'Check the id of the contact: this device has none of that name.',
  CA_CONTACT_OPEN: 'Wait until the patient has left and the time for presses is over, then ask again.',
  CA_CONTACT_HELD:
    'It is needed until that day: end the hold on the page (Cases), with a note, if it may go before.',
  CA_CASE_FULL: 'Begin another case for the rest.',
  CA_UPLOAD_REFUSED:
    'Check bucket and access key in `uploads.clips`, and what the key may do; clips wait on the device.',
  CA_UPLOAD_FAILED: 'Check the address of the object store and the network; clips wait on the device.',
  CA_UPLOAD_DAMAGED: 'The object store does not have what was sent: it is sent again by itself.',
  CA_RECIPIENT_INVALID:
    'Give the X25519 public key of who is to open the clips, as PEM; device/recording/sent-format.md says how to make one.',
  CA_RECIPIENT_CHANGED: 'The sending begins anew by itself, for the recipient that the config names now.',
  CA_DATABASE_UNREACHABLE:
    'Check that PostgreSQL runs and the address of the database; devices keep what the hub has not.',
  CA_RECORDING_UNREADABLE:
    'Give a picture, a video or a sound file that plays elsewhere; its format is told by its content, not by its name.',
  CA_LABELS_INVALID:
    'Write a header `file,label`, then a file and its label (negative, neutral or positive) in each line.',
  CA_NOT_RUNNING:
    'Start the service, or give the config that it runs with by --config; where `data` was changed since, restart it.',
  CA_ADDRESS_UNKNOWN: 'Give an address that this device has (`ip address`), or 0.0.0.0 for all of them.',
  CA_PAGE_UNSERVED: 'See the log of the device; the desks count meanwhile.',
  CA_PORT_IN_USE: 'Another program listens there: stop it, or choose another port in the config.',
} as const;

export type ErrorCode = keyof typeof CATALOGUE;

/** What to do about an error of that code, whatever happened where. */
export const remedyOf = (code: ErrorCode): string => CATALOGUE[code];

/** An error with a code and a remedy. `message` says what happened, with its place. */
export class CaError extends Error {
  readonly code: ErrorCode;
  readonly remedy: string;

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; remedy?: string } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'CaError';
    this.code = code;
    this.remedy = options.remedy ?? CATALOGUE[code];
  }
}

/** The message of anything thrown: errors from libraries are sometimes strings. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
