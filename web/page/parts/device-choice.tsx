/** Which camera, which microphone. */
import * as choices from "../choices.ts";
import type { Device } from "../device-problem.ts";
import * as devices from "../devices.ts";
import { Icon } from "./icons.tsx";

/** `isUnneeded`: not to be seen, and nothing else moves for it. */
export function DeviceChoice({ isUnneeded = false }) {
  return (
    <div class={isUnneeded ? "device-choice is-unneeded" : "device-choice"}>
      <Choice device="camera" label="Camera" />
      <Choice device="microphone" label="Microphone" />
    </div>
  );
}

/** Before a device is in use, the browser tells of none. */
function Choice({ device, label }: { device: Device; label: string }) {
  const known = devices.known.value[device];
  const current = devices.current(device) ?? choices.device[device].value;
  return (
    <div class="device">
      <Icon name={device} />
      <select
        aria-label={label}
        disabled={known.length === 0}
        value={current}
        onChange={({ currentTarget }) => devices.choose(device, currentTarget.value)}
      >
        {!known.some(({ deviceId }) => deviceId === current) && <option value={current}>Default</option>}
        {known.map(({ deviceId, label: name }, index) => (
          <option key={deviceId} value={deviceId}>
            {name || `${label} ${index + 1}`}
          </option>
        ))}
      </select>
    </div>
  );
}
