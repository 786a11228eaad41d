// Kerb: the payload codec for LoRaWAN network servers (The Things Stack, ChirpStack).
// Written by `kerb codec js` from the firmware's own table of fields; change that, not this.
//
// decodeUplink    an event: {data: {v, kind, time, (age_s,) and its fields}, warnings, errors}.
//                 time: when it happened, UTC, or null. A form without the last fields of its
//                 kind is one that was shortened for a low data rate.
// encodeDownlink  data: {kind: "set_level", id: 7, ...}, a command: {bytes, fPort}.
// decodeDownlink  the command back.
//
// Where `errors` has something in it there is no data (or bytes). ECMAScript 5; needs nothing.

// Here go the tables. A kind: [name, fields]. A field: [name, type, bits on the wire, lowest,
// highest, step, whether it may be unknown, whether a short form may end before it, the names of
// an enum in the order of their codes or the fields of a list's item]. Types: u unsigned, i two's
// complement, e enum, b flag, t text, l list.
/* tables */

function has(object, key) {
  return Object.prototype.hasOwnProperty.call(object, key);
}

function find(list, value) {
  for (var i = 0; i < list.length; i++) {
    if (list[i] === value) {
      return i;
    }
  }
  return -1;
}

function isList(value) {
  return Object.prototype.toString.call(value) === "[object Array]";
}

function isObject(value) {
  return typeof value === "object" && value !== null && !isList(value);
}

function isWhole(value, lo, hi) {
  return typeof value === "number" && Math.floor(value) === value && value >= lo && value <= hi;
}

function shown(value) {
  var text;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    text = typeof value;
  }
  return String(text).replace(/[^ -~]/g, function (c) {
    return "\\u" + ("000" + c.charCodeAt(0).toString(16)).slice(-4);
  }).slice(0, 18);
}

// Why the value can't stand in a field, as text that names it, or null.
function wrong(field, value) {
  var name = field[0], type = field[1], lo = field[3], hi = field[4], names = field[8];
  var right, allowed, found = value, size = value, error, i, k;
  if (value === null && field[6]) {
    return null;
  }
  if (type === "e") {
    right = find(names, value) >= 0;
    allowed = names.join(", ");
  } else if (type === "b") {
    right = value === true || value === false;
    allowed = "true, false";
  } else if (type === "t") {
    right = typeof value === "string" && value.length <= hi && /^[ -~]*$/.test(value);
    allowed = hi + " printable ASCII characters";
  } else {
    if (type === "l") {
      size = null;
      if (isList(value)) {
        found = size = value.length;
        for (i = 0; i < Math.min(size, hi + 1); i++) {
          if (!isList(value[i]) || value[i].length !== names.length) {
            return name + "[" + i + "]: allowed a list of " + names.length;
          }
          for (k = 0; k < names.length; k++) {
            error = wrong(names[k], value[i][k]);
            if (error) {
              return name + "[" + i + "]." + error;
            }
          }
        }
      }
    }
    right = isWhole(size, lo, hi);
    allowed = lo + " to " + hi;
  }
  return right ? null : name + ": found " + shown(found) + ", allowed " + allowed;
}

// ---- reading: `wire` is {bytes, at: the next bit, ended: something was read after the end}

function get(wire, bits) {
  var number = 0, left, n, octet;
  while (bits > 0) {
    if (wire.at >= 8 * wire.bytes.length) {
      wire.ended = true;
      return 0;
    }
    octet = wire.bytes[wire.at >> 3];
    left = 8 - (wire.at & 7);
    n = Math.min(left, bits);
    number = number * (1 << n) + ((octet >> (left - n)) & ((1 << n) - 1));
    bits -= n;
    wire.at += n;
  }
  return number;
}

function read(wire, field, warnings) {
  var type = field[1], bits = field[2], names = field[8];
  var number = get(wire, bits), range = Math.pow(2, bits), value, row, i, k;
  if (field[6] && number === (type === "i" ? range / 2 : range - 1)) {
    return null;
  }
  if (type === "b") {
    return number === 1;
  }
  if (type === "e") {
    if (number < names.length) {
      return names[number];
    }
    warnings.push(field[0] + ": code " + number + " has no name here");
    return null;
  }
  if (type === "t") {
    value = "";
    for (i = 0; i < number && !wire.ended; i++) {
      value += String.fromCharCode(get(wire, 8));
    }
    return value;
  }
  if (type === "l") {
    value = [];
    for (i = 0; i < number && !wire.ended; i++) {
      row = [];
      for (k = 0; k < names.length; k++) {
        row.push(read(wire, names[k], warnings));
      }
      value.push(row);
    }
    return value;
  }
  if (type === "i" && number >= range / 2) {
    number -= range;
  }
  return number * field[5];
}

// Why the payload can't be used, or null; its kind and values go into `data`.
function decode(table, bytes, data, warnings) {
  var kind, fields, field, value, error, spare, i;
  var wire = {bytes: bytes, at: 8, ended: false};
  if (!bytes.length) {
    return "empty payload";
  }
  if (bytes[0] >> 6 !== VERSION) {
    return "version: found " + (bytes[0] >> 6) + ", allowed " + VERSION;
  }
  if ((bytes[0] & 63) >= table.length) {
    return "kind: found " + (bytes[0] & 63) + ", allowed 0 to " + (table.length - 1);
  }
  kind = table[bytes[0] & 63][0];
  fields = table[bytes[0] & 63][1];
  data.kind = kind;
  for (i = 0; i < fields.length; i++) {
    field = fields[i];
    if (field[7] && (wire.at + 7) >> 3 === bytes.length) {
      return null;
    }
    value = read(wire, field, warnings);
    if (wire.ended) {
      return kind + ": " + bytes.length + " bytes are too short";
    }
    // null is one that may be, or a code without a name, which is in the warnings.
    error = value === null ? null : wrong(field, value);
    if (error) {
      return error;
    }
    data[field[0]] = value;
  }
  spare = bytes.length - ((wire.at + 7) >> 3);
  if (spare) {
    warnings.push(kind + ": " + spare + " bytes more than known");
  }
  return null;
}

// ---- writing: `wire` is {bytes, at: the next bit}

function put(wire, bits, number) {
  var bit;
  while (bits > 0) {
    if (!(wire.at & 7)) {
      wire.bytes.push(0);
    }
    bits -= 1;
    bit = Math.floor(number / Math.pow(2, bits)) % 2;
    wire.bytes[wire.at >> 3] |= bit << (7 - (wire.at & 7));
    wire.at += 1;
  }
}

function write(wire, field, value) {
  var type = field[1], bits = field[2], step = field[5], names = field[8], range, i, k;
  range = Math.pow(2, bits);
  if (value === null) {
    put(wire, bits, type === "i" ? range / 2 : range - 1);
  } else if (type === "b") {
    put(wire, bits, value ? 1 : 0);
  } else if (type === "e") {
    put(wire, bits, find(names, value));
  } else if (type === "t") {
    put(wire, bits, value.length);
    for (i = 0; i < value.length; i++) {
      put(wire, 8, value.charCodeAt(i));
    }
  } else if (type === "l") {
    put(wire, bits, value.length);
    for (i = 0; i < value.length; i++) {
      for (k = 0; k < names.length; k++) {
        write(wire, names[k], value[i][k]);
      }
    }
  } else {
    value = Math.floor((value + Math.floor(step / 2)) / step);
    put(wire, bits, value < 0 ? value + range : value);
  }
}

// Why `data` is no command, or null; its bytes go into `bytes`.
function encode(data, bytes) {
  var kinds = [], names = ["kind"], fields, field, value, error, key, number, i;
  var wire = {bytes: bytes, at: 0};
  for (i = 0; i < COMMANDS.length; i++) {
    kinds.push(COMMANDS[i][0]);
  }
  if (!isObject(data)) {
    return "data: allowed an object";
  }
  number = has(data, "kind") ? find(kinds, data.kind) : -1;
  if (number < 0) {
    return "kind: found " + shown(data.kind) + ", allowed " + kinds.join(", ");
  }
  put(wire, 2, VERSION);
  put(wire, 6, number);
  fields = COMMANDS[number][1];
  for (i = 0; i < fields.length; i++) {
    field = fields[i];
    names.push(field[0]);
    value = has(data, field[0]) && data[field[0]] !== undefined ? data[field[0]] : null;
    if (value === null && !field[6] && !has(data, field[0])) {
      return field[0] + ": missing";
    }
    error = wrong(field, value);
    if (error) {
      return error;
    }
    write(wire, field, value);
  }
  for (key in data) {
    if (has(data, key) && find(names, key) < 0) {
      return key.slice(0, 18) + ": unknown key, allowed: " + names.join(", ");
    }
  }
  return null;
}

// ---- what network servers call

function failed(error, warnings) {
  return {warnings: warnings || [], errors: [error]};
}

function isBytes(value) {
  if (!value || typeof value !== "object" || typeof value.length !== "number") {
    return false;
  }
  for (var i = 0; i < value.length; i++) {
    if (!isWhole(value[i], 0, 255)) {
      return false;
    }
  }
  return true;
}

// UTC without parts of a second, so many seconds before `time` (a Date or what makes one).
function moment(time, ago_s) {
  var date = time === undefined || time === null ? NaN : new Date(time).getTime();
  date -= 1000 * ago_s;
  return isNaN(date) ? null : new Date(date).toISOString().replace(/\.\d+Z$/, "Z");
}

function uplink(input) {
  var data = {v: VERSION, kind: "", time: null}, warnings = [], age_s = 0, bytes, error, steps;
  if (!isObject(input) || !isBytes(input.bytes)) {
    return failed("bytes: allowed numbers from 0 to 255");
  }
  bytes = Array.prototype.slice.call(input.bytes);
  if (find(LATE_PORTS, input.fPort) >= 0) {
    if (bytes.length < 2) {
      return failed("age_s: " + bytes.length + " bytes are too short");
    }
    steps = 256 * bytes[0] + bytes[1];
    bytes = bytes.slice(2);
    age_s = steps === 65535 ? NaN : 10 * steps;
    data.age_s = steps === 65535 ? null : age_s;
    if (steps === 65534) {
      warnings.push("age_s: " + age_s + " or more");
      age_s = NaN;
    }
  } else if (find(EVENT_PORTS, input.fPort) < 0) {
    return failed("fPort: found " + shown(input.fPort) + ", allowed "
      + EVENT_PORTS.concat(LATE_PORTS).join(", "));
  }
  data.time = moment(input.recvTime, age_s);
  error = decode(EVENTS, bytes, data, warnings);
  return error ? failed(error, warnings) : {data: data, warnings: warnings, errors: []};
}

function downlink(input) {
  var data = {}, warnings = [], error;
  if (!isObject(input) || !isBytes(input.bytes)) {
    return failed("bytes: allowed numbers from 0 to 255");
  }
  if (input.fPort !== COMMAND_PORT) {
    return failed("fPort: found " + shown(input.fPort) + ", allowed " + COMMAND_PORT);
  }
  error = decode(COMMANDS, Array.prototype.slice.call(input.bytes), data, warnings);
  if (error || warnings.length) { // half of a command is not what the sender wants
    return failed(error || warnings[0]);
  }
  return {data: data, warnings: [], errors: []};
}

function command(input) {
  var bytes = [], warnings = [];
  var error = isObject(input) ? encode(input.data, bytes) : "data: allowed an object";
  if (error) {
    return failed(error);
  }
  if (bytes.length > 51) {
    warnings.push(bytes.length + " bytes: at its lowest data rates a device can be sent 51");
  }
  return {bytes: bytes, fPort: COMMAND_PORT, warnings: warnings, errors: []};
}

// What can't even be looked at (an object that throws) is an error like others.
function guarded(task, input) {
  try {
    return task(input);
  } catch (error) {
    return failed("input: not readable");
  }
}

function decodeUplink(input) {
  return guarded(uplink, input);
}

function encodeDownlink(input) {
  return guarded(command, input);
}

function decodeDownlink(input) {
  return guarded(downlink, input);
}
