/** Who is there, how good the connection is, and what is needed more rarely. */
import { useRef, useState } from "preact/hooks";
import * as model from "../model.ts";
import { Partner } from "../sign-in/partner.tsx";
import { DevicesDialog } from "./devices-dialog.tsx";
import { FullScreen, PictureInPicture } from "./display.tsx";
import { useFocusGoesOn } from "./focus.ts";
import { Icon } from "./icons.tsx";
import { Online } from "./online.tsx";
import { QualityMeter } from "./quality-meter.tsx";
import { ReportDialog } from "./report-dialog.tsx";

const Who = ({ npub }: { npub: string | null }) =>
  npub === null ? <span>Stranger</span> : <Partner npub={npub} />;

/** It goes with the stranger. */
function Report({ open }: { open: () => void }) {
  const button = useRef<HTMLButtonElement>(null);
  useFocusGoesOn(button);
  return (
    <button ref={button} type="button" class="round" aria-label="Report" title="Report" onClick={open}>
      <Icon name="report" />
    </button>
  );
}

export function Top() {
  const view = model.view.value;
  const isVideo = view?.mode === "video";
  const [dialog, open] = useState<"devices" | "report" | undefined>();
  const close = () => open(undefined);
  return (
    <div class="top">
      <p class="who">
        {view ? <Who npub={view.npub} /> : <Online />}
        {view?.link === "connected" && <QualityMeter />}
      </p>
      {isVideo && (
        <>
          <FullScreen />
          <PictureInPicture />
        </>
      )}
      {view && <Report open={() => open("report")} />}
      {model.mode.value === "video" && (
        <button
          type="button"
          class="round"
          aria-label="Devices"
          title="Devices"
          onClick={() => open("devices")}
        >
          <Icon name="devices" />
        </button>
      )}
      {dialog === "devices" && <DevicesDialog onClose={close} />}
      {dialog === "report" && <ReportDialog onClose={close} />}
    </div>
  );
}
