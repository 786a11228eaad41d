// npm's lora-packet as a referee: one JSON question a line on stdin, one JSON answer on stdout.
// All bytes are hex in the order of the air; lora-packet wants its numbers the other way round.

import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const require = createRequire(process.env.KERB_LORA_PACKET + "/");
const lora = require("lora-packet");

const bytes = (hex) => Buffer.from(hex ?? "", "hex");
const turned = (hex) => bytes(hex).reverse();
const hex = (buffer) => (buffer ? buffer.toString("hex") : "");
const air = (buffer) => hex(Buffer.from(buffer).reverse());
const upper = (fcnt) => Buffer.from([(fcnt >>> 16) & 0xff, fcnt >>> 24]);

const answers = {
  makeData({ mtype, dev_addr, fcnt, flags, fopts, port, payload, nwk, app }) {
    const packet = lora.fromFields(
      {
        MType: mtype,
        DevAddr: turned(dev_addr),
        FCnt: fcnt & 0xffff,
        FCtrl: {
          ADR: !!(flags & 0x80),
          ADRACKReq: !!(flags & 0x40),
          ACK: !!(flags & 0x20),
          FPending: !!(flags & 0x10),
        },
        FOpts: bytes(fopts),
        FPort: port ?? undefined,
        payload: bytes(payload),
      },
      bytes(app),
      bytes(nwk),
      undefined,
      upper(fcnt),
    );
    if (port === null) {
      // It signs only frames with a port by itself.
      lora.recalculateMIC(packet, bytes(nwk), undefined, upper(fcnt));
      packet._mergeGroupFields();
    }
    return { phy: hex(packet.PHYPayload) };
  },

  readData({ phy, fcnt, nwk, app }) {
    const packet = lora.fromWire(bytes(phy));
    const port = packet.getFPort();
    return {
      type: packet.getMType(),
      mic: lora.verifyMIC(packet, bytes(nwk), undefined, upper(fcnt)),
      dev_addr: air(packet.DevAddr),
      fcnt: packet.getFCnt(),
      flags: packet.FCtrl[0] & 0xf0,
      fopts: hex(packet.FOpts),
      port,
      payload: port === null ? "" : hex(lora.decrypt(packet, bytes(app), bytes(nwk), upper(fcnt))),
    };
  },

  makeJoinRequest({ join_eui, dev_eui, dev_nonce, app_key }) {
    const nonce = Buffer.from([dev_nonce >> 8, dev_nonce & 0xff]);
    const packet = lora.fromFields(
      { MType: 0, AppEUI: turned(join_eui), DevEUI: turned(dev_eui), DevNonce: nonce },
      undefined,
      undefined,
      bytes(app_key),
    );
    return { phy: hex(packet.PHYPayload) };
  },

  readJoinRequest({ phy, app_key }) {
    const packet = lora.fromWire(bytes(phy));
    return {
      type: packet.getMType(),
      mic: lora.verifyMIC(packet, undefined, bytes(app_key)),
      join_eui: air(packet.AppEUI),
      dev_eui: air(packet.DevEUI),
      dev_nonce: packet.DevNonce.readUInt16BE(0),
    };
  },

  makeJoinAccept({ join_nonce, net_id, dev_addr, dl_settings, rx_delay, cf_list, app_key }) {
    const nonce = Buffer.from([join_nonce >> 16, (join_nonce >> 8) & 0xff, join_nonce & 0xff]);
    const packet = lora.fromFields(
      {
        MType: 1,
        AppNonce: nonce,
        NetID: turned(net_id),
        DevAddr: turned(dev_addr),
        DLSettings: dl_settings,
        RxDelay: rx_delay,
        CFList: bytes(cf_list),
      },
      undefined,
      undefined,
      bytes(app_key),
    );
    return { phy: hex(packet.PHYPayload) };
  },

  readJoinAccept({ phy, dev_nonce, app_key }) {
    const packet = lora.fromWire(lora.decryptJoinAccept(lora.fromWire(bytes(phy)), bytes(app_key)));
    const nonce = Buffer.from([dev_nonce >> 8, dev_nonce & 0xff]);
    const keys = lora.generateSessionKeys(bytes(app_key), packet.NetID, packet.AppNonce, nonce);
    return {
      type: packet.getMType(),
      mic: lora.verifyMIC(packet, undefined, bytes(app_key)),
      join_nonce: packet.AppNonce.readUIntBE(0, 3),
      net_id: air(packet.NetID),
      dev_addr: air(packet.DevAddr),
      dl_settings: packet.DLSettings[0],
      rx_delay: packet.RxDelay[0],
      cf_list: hex(packet.CFList),
      nwk: hex(keys.NwkSKey),
      app: hex(keys.AppSKey),
    };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { ask, ...words } = JSON.parse(line);
  let answer;
  try {
    answer = answers[ask](words);
  } catch (error) {
    answer = { error: String(error) };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
