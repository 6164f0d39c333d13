// What the wall says, in Vietnamese and in English.

import { count } from "./format.js";

const vi = {
  measure: {
    TARGET_RATIO: { SUBMITTED: "sáng kiến đã đăng ký so với chỉ tiêu", ACCEPTED: "sáng kiến hợp lệ so với chỉ tiêu", PARTICIPANTS: "người tham gia so với chỉ tiêu" },
    SUBMITTED: "theo số sáng kiến đã đăng ký", ACCEPTED: "theo số sáng kiến hợp lệ",
    PARTICIPANTS: "theo số người tham gia", PER_1000_MEMBERS: "theo số sáng kiến trên 1.000 đoàn viên",
    BENEFIT: "theo giá trị làm lợi", GAINED: "theo số tăng hôm nay",
  },
  counted: { SUBMITTED: "Đã đăng ký", ACCEPTED: "Hợp lệ", PARTICIPANTS: "Người tham gia" },
  counts: { SUBMITTED: "sáng kiến", ACCEPTED: "sáng kiến hợp lệ", PARTICIPANTS: "người tham gia" },
  billion: "tỷ", million: "triệu",
  dayOfDays: (day, days) => `Ngày ${day} / ${days}`,
  daysLeft: (days) => (days === 0 ? "ngày cuối" : `còn ${days} ngày`),
  startsIn: (days) => `Còn ${days} ngày`, startsOn: (day) => `bắt đầu ngày ${day}`,
  over: "Đã kết thúc", overOn: (day) => `ngày cuối là ${day}`, overInReview: "đã kết thúc, đang xét duyệt",
  ofTarget: (goal) => `chỉ tiêu ${goal}`, noTarget: "chưa giao chỉ tiêu", pending: (n) => `${n} chờ xét duyệt`,
  today: "hôm nay", neededPerDay: "cần mỗi ngày", projected: (day) => `dự kiến ${day}`, accepted: "hợp lệ",
  missing: "còn thiếu", beyond: "vượt chỉ tiêu", curveTarget: (goal) => `chỉ tiêu ${goal}`,
  curve: (from, to, total) => `Biểu đồ số cộng dồn từ ${from} đến ${to}: ${total}`,
  milestone: (n, metric) => `Mốc ${n} ${vi.counts[metric]}`, targetMet: "Đạt 100% chỉ tiêu", at: (time, day) => (time ? `lúc ${time}, ${day}` : `ngày ${day}`),
  none: (n) => `${n} đơn vị chưa có sáng kiến`, others: (n) => `còn ${n} đơn vị khác`, page: (n, of) => `trang ${n}/${of}`,
  notBegun: "Đợt thi đua này chưa bắt đầu", units: (n) => `${n} đơn vị tham gia`,
  nothingYet: "Chưa có sáng kiến nào trong đợt thi đua này", nobody: "Chưa có đơn vị nào để xếp hạng",
  live: "trực tiếp", asOf: (time) => `số liệu lúc ${time}`, connecting: "đang kết nối…",
  lost: "mất kết nối", reconnecting: "đang kết nối lại", old: (age) => `số liệu của ${age} trước`, noData: "chưa có số liệu",
  behind: "máy chủ chưa đọc được cơ sở dữ liệu",
  again: (s) => `thử lại sau ${s} giây`, forbidden: "mã truy cập không đúng hoặc đã hết hạn",
  refusedHere: "máy chủ không nhận địa chỉ này là của mình (--public-url)",
  seconds: (n) => `${n} giây`, minutes: (n) => `${n} phút`, hours: (h, m) => `${h} giờ ${m} phút`, days: (n, h) => `${n} ngày ${h} giờ`,
  up: (n) => `tăng ${n} bậc`, down: (n) => `giảm ${n} bậc`, same: "không đổi",
  arrived: (n, where) => `${n === 1 ? "Một sáng kiến mới" : `${count(n)} sáng kiến mới`} từ ${where}`,
  wrongTitle: "Địa chỉ của màn hình này chưa đúng",
  wrong: (name, value, allowed) => (allowed === null ? `không có tham số “${name}”` : `${name}=${value}: chỉ nhận ${allowed}`),
  notBoth: (name, other) => `${name} không đi cùng ${other}`,
  noUnit: (code) => `Không có đơn vị mã “${code}”`, noPeriod: (code) => `Không có đợt thi đua mã “${code}”`, noPeriodYet: "Chưa có đợt thi đua nào",
  waiting: "bảng tự hiện ra khi có", refused: "Máy chủ chưa cho xem bảng này", chooseAnew: "Chọn lại bảng", boardLabel: "Xếp hạng", sideLabel: "Toàn đơn vị",
};

const en = {
  measure: {
    TARGET_RATIO: { SUBMITTED: "initiatives registered, against target", ACCEPTED: "initiatives accepted, against target", PARTICIPANTS: "participants, against target" },
    SUBMITTED: "by initiatives registered", ACCEPTED: "by initiatives accepted", PARTICIPANTS: "by participants",
    PER_1000_MEMBERS: "by initiatives per 1,000 members", BENEFIT: "by yearly benefit", GAINED: "by today's gain",
  },
  counted: { SUBMITTED: "Registered", ACCEPTED: "Accepted", PARTICIPANTS: "Participants" },
  counts: { SUBMITTED: "initiatives", ACCEPTED: "accepted initiatives", PARTICIPANTS: "participants" },
  billion: "bn", million: "m",
  dayOfDays: (day, days) => `Day ${day} / ${days}`,
  daysLeft: (days) => (days === 0 ? "last day" : days === 1 ? "1 day left" : `${days} days left`),
  startsIn: (days) => `${days} days to go`, startsOn: (day) => `begins on ${day}`,
  over: "Ended", overOn: (day) => `the last day was ${day}`, overInReview: "ended, under review",
  ofTarget: (goal) => `of ${goal}`, noTarget: "no target yet", pending: (n) => `${n} awaiting review`,
  today: "today", neededPerDay: "needed a day", projected: (day) => `projected ${day}`, accepted: "accepted",
  missing: "still missing", beyond: "beyond target", curveTarget: (goal) => `target ${goal}`,
  curve: (from, to, total) => `Running total from ${from} to ${to}: ${total}`,
  milestone: (n, metric) => `Milestone: ${n} ${en.counts[metric]}`, targetMet: "Target reached", at: (time, day) => (time ? `at ${time}, ${day}` : `on ${day}`),
  none: (n) => `${n} units without initiatives yet`, others: (n) => `${n} more units`, page: (n, of) => `page ${n}/${of}`,
  notBegun: "This period has not begun", units: (n) => `${n} units take part`,
  nothingYet: "No initiatives in this period yet", nobody: "No units to rank yet",
  live: "live", asOf: (time) => `as of ${time}`, connecting: "connecting…",
  lost: "connection lost", reconnecting: "reconnecting", old: (age) => `figures ${age} old`, noData: "no figures yet",
  behind: "the server cannot read its database",
  again: (s) => `again in ${s} s`, forbidden: "the access token is not valid, or has expired",
  refusedHere: "the server does not know itself by this address (--public-url)",
  seconds: (n) => `${n} s`, minutes: (n) => `${n} min`, hours: (h, m) => `${h} h ${m} min`, days: (n, h) => `${n} d ${h} h`,
  up: (n) => `up ${n}`, down: (n) => `down ${n}`, same: "unchanged",
  arrived: (n, where) => `${n === 1 ? "A new initiative" : `${count(n)} new initiatives`} from ${where}`,
  wrongTitle: "This screen's address is not right",
  wrong: (name, value, allowed) => (allowed === null ? `there is no parameter “${name}”` : `${name}=${value}: takes ${allowed}`),
  notBoth: (name, other) => `${name} does not go with ${other}`,
  noUnit: (code) => `There is no unit “${code}”`, noPeriod: (code) => `There is no period “${code}”`, noPeriodYet: "There is no period yet",
  waiting: "the board comes by itself when it is there", refused: "The server does not show this board", chooseAnew: "Choose another board", boardLabel: "Ranking", sideLabel: "The whole unit",
};

export const words = (lang) => (lang === "en" ? en : vi);

/** An age in words. */
export function age(ms, words) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const [minutes, hours] = [Math.floor(seconds / 60), Math.floor(seconds / 3600)];
  if (seconds < 60) return words.seconds(seconds);
  if (minutes < 60) return words.minutes(minutes);
  if (hours < 48) return words.hours(hours, minutes % 60);
  return words.days(Math.floor(hours / 24), hours % 24);
}
