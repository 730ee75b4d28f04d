/** Another camera or microphone during a call. */
import { DeviceChoice } from "./device-choice.tsx";
import { closeDialog, Dialog } from "./dialog.tsx";

export function DevicesDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Devices" onClose={onClose}>
      <DeviceChoice />
      <div class="ways">
        <button type="button" class="primary" onClick={closeDialog}>
          Done
        </button>
      </div>
    </Dialog>
  );
}
