import assert from "node:assert/strict";
import { test } from "node:test";

import { strike } from "../../desk/static/telex.js";

function type(keys, method) {
  let done = "", word = "";
  for (const key of keys) {
    if (!/[\p{L}0-9]/u.test(key)) { done += word + key; word = ""; continue; }
    word = strike(word, key, method) ?? word + key;
  }
  return done + word;
}

function all(method, cases) {
  for (const [keys, text] of Object.entries(cases)) {
    test(`${method}: ${keys} is ${text}`, () => assert.equal(type(keys, method), text));
  }
}

all("telex", {
  "Nguyeenx Thij Hoaf": "Nguyễn Thị Hòa", NGUYEENX: "NGUYỄN", "Ddaof": "Đào", daod: "đao",
  tieengs: "tiếng", tiengse: "tiếng", tuaans: "tuấn", tuanas: "tuấn", quoocs: "quốc",
  thuongw: "thương", thuowng: "thương", thuowr: "thuở", ruouwj: "rượu", nguoiwf: "người",
  hoaf: "hòa", hoafn: "hoàn", thuyr: "thủy", quys: "quý", giaf: "già", gif: "gì", gieengs: "giếng",
  hoacwj: "hoặc", hoawcj: "hoặc", khuyur: "khuỷu", ngoaif: "ngoài", luuw: "lưu", cuar: "của",
  "Hair Phongf": "Hải Phòng", "An Duwowng": "An Dương", "Kieens Thuyj": "Kiến Thụy", xooong: "xoong",
  aaa: "aa", ass: "as", ddd: "dd", ww: "w", w: "ư", dungww: "dungw", "hoasz": "hoa",
  HDDND: "HĐND", QDD: "QĐ", UBND: "UBND", class: "class", "Xowf": "Xờ", Pierrre: "Pierre",
});

all("vni", {
  "Nguye64n Thi5 Ho2a": "Nguyễn Thị Hòa", tieng61: "tiếng", d9a2o: "đào", dao29: "đào",
  thuong7: "thương", hoa2n: "hoàn", hoa8c5: "hoặc", "Ha3i Pho2ng": "Hải Phòng",
  "tho6n 3": "thôn 3", a11: "a1", a66: "a6", d99: "d9", a8: "ă", 10: "10", "to63 5": "tổ 5",
});

test("a decomposed word is composed before it is changed", () => {
  assert.equal(strike("hoà".normalize("NFD"), "n", "telex"), "hoàn");
});

test("what is no syllable is left alone", () => {
  assert.equal(strike("brx", "s", "telex"), null);
  assert.equal(strike("", "s", "telex"), null);
  assert.equal(strike("123", "s", "telex"), null);
});
