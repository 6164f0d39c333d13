// The texts of the wall, in Vietnamese and in English. Those of the chooser are in chooser-words.js.

import { count } from "./format.js";

/** Names of clusters (cụm, khối thi đua) that say so themselves. */
const SAYS_CLUSTER = /^(cụm|kh\u1ed1i)(?=\s)/i;

/** The text of a board's measure; that of its targets names what they count. */
const measureIn = (measure, rankBy, metric) => (typeof measure[rankBy] === "string" ? measure[rankBy] : measure[rankBy][metric]);

const vi = {
  texts: { slogan: "Tự hào trí tuệ lao động Việt Nam", simulated: "dữ liệu mô phỏng" },
  measure: {
    TARGET_RATIO: { SUBMITTED: "sáng kiến đã đăng ký so với chỉ tiêu", ACCEPTED: "sáng kiến hợp lệ so với chỉ tiêu", PARTICIPANTS: "người tham gia so với chỉ tiêu" },
    SUBMITTED: "theo số sáng kiến đã đăng ký", ACCEPTED: "theo số sáng kiến hợp lệ",
    PARTICIPANTS: "theo số người tham gia", PER_1000_MEMBERS: "theo số sáng kiến trên 1.000 đoàn viên",
    BENEFIT: "theo giá trị làm lợi", GAINED: "theo số tăng hôm nay",
  },
  measureOf: (rankBy, metric) => measureIn(vi.measure, rankBy, metric), noGainYet: "hôm nay chưa có thêm",
  heads: {
    unit: "đơn vị", ratio: "đạt", target: "chỉ tiêu", SUBMITTED: "đăng ký", ACCEPTED: "hợp lệ", PARTICIPANTS: "người tham gia",
    gained: "hôm nay", perMembers: "trên 1.000", benefit: "làm lợi",
  },
  kinds: {
    CONFEDERATION: "Tổng Liên đoàn", PROVINCIAL_FEDERATION: "LĐLĐ tỉnh, thành phố", INDUSTRY_UNION: "công đoàn ngành trung ương",
    CORPORATION_UNION: "công đoàn tổng công ty", DISTRICT_FEDERATION: "LĐLĐ quận, huyện, thị xã, thành phố",
    LOCAL_INDUSTRY_UNION: "công đoàn ngành địa phương", ZONE_UNION: "công đoàn các khu công nghiệp", CIVIL_SERVANTS_UNION: "công đoàn viên chức",
    COMMUNE_UNION: "công đoàn xã, phường, đặc khu", INTERMEDIATE_UNION: "công đoàn cấp trên trực tiếp cơ sở", GRASSROOTS_UNION: "công đoàn cơ sở", SECTION: "công đoàn bộ phận, tổ công đoàn",
  },
  inCluster: (name) => (SAYS_CLUSTER.test(name) ? name : `Cụm ${name}`),
  counted: { SUBMITTED: "Đã đăng ký", ACCEPTED: "Hợp lệ", PARTICIPANTS: "Người tham gia", BENEFIT: "Giá trị làm lợi" },
  counts: { SUBMITTED: "sáng kiến", ACCEPTED: "sáng kiến hợp lệ", PARTICIPANTS: "người tham gia" },
  billion: "tỷ", million: "triệu",
  daysLeft: (days) => `Còn ${days} ngày`, hoursLeft: (hours) => `Còn ${hours} giờ`, minutesLeft: (minutes) => `Còn ${minutes} phút`,
  until: (day) => `đến hết ${day}`, startsIn: (days) => `${days} ngày nữa`, startsOn: (day) => `bắt đầu ngày ${day}`,
  over: "Đã kết thúc", overOn: (day) => `24:00 ngày ${day}`, overInReview: "đã kết thúc, đang xét duyệt",
  unitClosed: "Đã ngừng hoạt động", unitClosedOn: (day) => `từ ngày ${day}`,
  closedOn: (day) => `đã kết thúc ${day} 24:00`, finalOn: (day) => `đã chốt ngày ${day}`, nowIs: (count) => `nay ${count}`, ofNow: "số liệu lúc này",
  ofTarget: (goal) => `chỉ tiêu ${goal}`, noTarget: "chưa giao chỉ tiêu", pending: (n) => `${n} chờ xét duyệt`,
  met: (n, of) => `${n}/${of} đơn vị đạt chỉ tiêu`, metAmongAll: (n) => `${n} đơn vị đạt chỉ tiêu`, wholeOf: (name) => `cả ${name}`,
  today: "hôm nay", neededPerDay: "cần mỗi ngày", projected: (day) => `dự kiến ${day}`, accepted: "hợp lệ",
  missing: "còn thiếu", beyond: "vượt chỉ tiêu", curveTarget: (goal) => `chỉ tiêu ${goal}`,
  curve: (from, to, total) => `Biểu đồ số cộng dồn từ ${from} đến ${to}: ${total}`,
  milestone: (n, metric) => `Mốc ${n} ${vi.counts[metric]}`, targetMet: "Đạt 100% chỉ tiêu", passedAt: (time, day) => (time ? `lúc ${time}, ${day}` : `ngày ${day}`),
  none: (n) => `${n} đơn vị chưa có sáng kiến`, page: (n, of) => `trang ${n}/${of}`, board: (n, of) => `bảng ${n}/${of}`,
  notRanked: (code) => `${code} không có trên bảng này`, reached: "đạt", rowNeeds: (n) => `cần ${n}/ngày`, rankOf: (rank, of) => `hạng ${rank}/${of}`, amongUnits: (n) => `trong ${n} đơn vị`, among: (name) => `trong ${name}`,
  ofClosed: "đơn vị đã ngừng hoạt động", ofClosedApart: "đơn vị đã ngừng hoạt động, không tính vào cụm", ofOwn: (name) => `đăng ký tại ${name}`, ofOthers: "đơn vị không xếp hạng", furtherUnits: (n) => `${n} đơn vị khác có sáng kiến`,
  newest: "Sáng kiến hợp lệ mới nhất", teams: "Tổ, đội, phòng",
  notBegun: "Đợt thi đua này chưa bắt đầu", units: (n) => `${n} đơn vị tham gia`,
  nothingYet: "Chưa đơn vị nào có sáng kiến trong đợt thi đua này", nobody: "Chưa có đơn vị nào để xếp hạng",
  nothingHere: "Chưa có sáng kiến trong đợt thi đua này",
  live: "trực tiếp", asOf: "số liệu lúc", changed: "thay đổi lúc", connecting: "đang kết nối…",
  lost: "mất kết nối", reconnecting: "đang kết nối lại", old: (age) => `số liệu của ${age} trước`, noData: "chưa có số liệu",
  behind: "máy chủ chưa đọc được cơ sở dữ liệu",
  again: (s) => `thử lại sau ${s} giây`, forbidden: "máy chủ không cho xem",
  forgotToken: "Mã truy cập của màn hình này không đúng hoặc đã hết hạn: hiện số liệu công khai.",
  refusedHere: "máy chủ không nhận địa chỉ này là của mình; báo người quản trị máy chủ (--public-url)",
  refusals: { UNAVAILABLE: "Máy chủ đang bận", RATE_LIMITED: "Máy chủ nhận quá nhiều yêu cầu từ địa chỉ này", FORBIDDEN: "Máy chủ không cho xem bảng này" },
  seconds: (n) => `${n} giây`, minutes: (n) => `${n} phút`, hours: (h, m) => `${h} giờ ${m} phút`, days: (n, h) => `${n} ngày ${h} giờ`,
  up: (n) => `tăng ${n} bậc`, down: (n) => `giảm ${n} bậc`, same: "không đổi",
  arrived: (n, where) => `${n === 1 ? "Một sáng kiến mới" : `${count(n)} sáng kiến mới`} từ ${where}`,
  wrongTitle: "Địa chỉ của màn hình này chưa đúng",
  wrong: (name, value, allowed) => (allowed === null ? `không có tham số “${name}”` : `${name}=${value}: chỉ nhận ${allowed}`),
  notBoth: (name, other) => `${name} không đi cùng ${other}`,
  noUnit: (code) => `Không có đơn vị mã “${code}”`, noPeriod: (code) => `Không có đợt thi đua mã “${code}”`, noPeriodYet: "Chưa có đợt thi đua nào",
  noCluster: (name) => `Không có cụm, khối thi đua “${name}”`,
  waiting: "bảng tự hiện ra khi có", refused: "Máy chủ chưa cho xem bảng này", chooseAnew: "Chọn lại bảng", boardLabel: "Xếp hạng", sideLabel: "Toàn đơn vị",
};

const en = {
  texts: { slogan: "Tự hào trí tuệ lao động Việt Nam", simulated: "simulated data" },
  measure: {
    TARGET_RATIO: { SUBMITTED: "initiatives registered, against target", ACCEPTED: "initiatives accepted, against target", PARTICIPANTS: "participants, against target" },
    SUBMITTED: "by initiatives registered", ACCEPTED: "by initiatives accepted", PARTICIPANTS: "by participants",
    PER_1000_MEMBERS: "by initiatives per 1,000 members", BENEFIT: "by yearly benefit", GAINED: "by today's gain",
  },
  measureOf: (rankBy, metric) => measureIn(en.measure, rankBy, metric), noGainYet: "nothing new today",
  heads: {
    unit: "unit", ratio: "reached", target: "target", SUBMITTED: "registered", ACCEPTED: "accepted", PARTICIPANTS: "participants",
    gained: "today", perMembers: "per 1,000", benefit: "benefit",
  },
  kinds: {
    CONFEDERATION: "confederation", PROVINCIAL_FEDERATION: "provincial federations", INDUSTRY_UNION: "central industry unions",
    CORPORATION_UNION: "corporation unions", DISTRICT_FEDERATION: "district federations", LOCAL_INDUSTRY_UNION: "local industry unions",
    ZONE_UNION: "industrial zone unions", CIVIL_SERVANTS_UNION: "civil servants' unions", COMMUNE_UNION: "commune unions", INTERMEDIATE_UNION: "other upper unions",
    GRASSROOTS_UNION: "grassroots unions", SECTION: "sections",
  },
  inCluster: (name) => (SAYS_CLUSTER.test(name) ? name : `Cluster ${name}`),
  counted: { SUBMITTED: "Registered", ACCEPTED: "Accepted", PARTICIPANTS: "Participants", BENEFIT: "Yearly benefit" },
  counts: { SUBMITTED: "initiatives", ACCEPTED: "accepted initiatives", PARTICIPANTS: "participants" },
  billion: "bn", million: "m",
  daysLeft: (days) => (days === 1 ? "1 day left" : `${days} days left`), hoursLeft: (hours) => (hours === 1 ? "1 hour left" : `${hours} hours left`),
  minutesLeft: (minutes) => `${minutes} min left`, until: (day) => `until ${day}`,
  startsIn: (days) => (days === 1 ? "In 1 day" : `In ${days} days`), startsOn: (day) => `begins on ${day}`,
  over: "Ended", overOn: (day) => `24:00, ${day}`, overInReview: "ended, under review",
  unitClosed: "Closed", unitClosedOn: (day) => `since ${day}`,
  closedOn: (day) => `ended ${day} 24:00`, finalOn: (day) => `final as of ${day}`, nowIs: (count) => `now ${count}`, ofNow: "figures of now",
  ofTarget: (goal) => `of ${goal}`, noTarget: "no target yet", pending: (n) => `${n} awaiting review`,
  met: (n, of) => `${n} of ${of} units reached their target`, metAmongAll: (n) => `${n} units reached their target`, wholeOf: (name) => `all of ${name}`,
  today: "today", neededPerDay: "needed a day", projected: (day) => `projected ${day}`, accepted: "accepted",
  missing: "still missing", beyond: "beyond target", curveTarget: (goal) => `target ${goal}`,
  curve: (from, to, total) => `Running total from ${from} to ${to}: ${total}`,
  milestone: (n, metric) => `Milestone: ${n} ${en.counts[metric]}`, targetMet: "Target reached", passedAt: (time, day) => (time ? `at ${time}, ${day}` : `on ${day}`),
  none: (n) => `${n} units without initiatives yet`, page: (n, of) => `page ${n}/${of}`, board: (n, of) => `board ${n}/${of}`,
  notRanked: (code) => `${code} is not on this board`, reached: "reached", rowNeeds: (n) => `needs ${n} a day`, rankOf: (rank, of) => `rank ${rank} of ${of}`, amongUnits: (n) => `of ${n} units`, among: (name) => `in ${name}`,
  ofClosed: "closed units", ofClosedApart: "closed units, not counted for the cluster", ofOwn: (name) => `registered at ${name} itself`, ofOthers: "units not ranked", furtherUnits: (n) => (n === "1" ? "1 more unit that has begun" : `${n} more units that have begun`),
  newest: "Newest accepted initiatives", teams: "Teams",
  notBegun: "This period has not begun", units: (n) => `${n} units take part`,
  nothingYet: "No unit has initiatives in this period yet", nobody: "No units to rank yet",
  nothingHere: "No initiatives in this period yet",
  live: "live", asOf: "as of", changed: "changed at", connecting: "connecting…",
  lost: "connection lost", reconnecting: "reconnecting", old: (age) => `figures ${age} old`, noData: "no figures yet",
  behind: "the server cannot read its database",
  again: (s) => `again in ${s} s`, forbidden: "the server does not let this screen in",
  forgotToken: "This screen's access token is not valid, or has expired: it shows public figures.",
  refusedHere: "the server does not know itself by this address; tell its operator (--public-url)",
  refusals: { UNAVAILABLE: "The server is busy", RATE_LIMITED: "Too many requests come from this address", FORBIDDEN: "The server does not show this board" },
  seconds: (n) => `${n} s`, minutes: (n) => `${n} min`, hours: (h, m) => `${h} h ${m} min`, days: (n, h) => `${n} d ${h} h`,
  up: (n) => `up ${n}`, down: (n) => `down ${n}`, same: "unchanged",
  arrived: (n, where) => `${n === 1 ? "A new initiative" : `${count(n)} new initiatives`} from ${where}`,
  wrongTitle: "This screen's address is not right",
  wrong: (name, value, allowed) => (allowed === null ? `there is no parameter “${name}”` : `${name}=${value}: takes ${allowed}`),
  notBoth: (name, other) => `${name} does not go with ${other}`,
  noUnit: (code) => `There is no unit “${code}”`, noPeriod: (code) => `There is no period “${code}”`, noPeriodYet: "There is no period yet",
  noCluster: (name) => `There is no cluster “${name}”`,
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
