// The texts of the chooser of a board, in Vietnamese and in English.

const vi = {
  title: "Chọn bảng cho màn hình",
  how: "Chọn đơn vị, mở bảng trên màn hình rồi để đó: bảng tự cập nhật, không cần làm gì thêm.",
  help: "Hướng dẫn treo màn hình",
  unit: "Đơn vị", typed: "Gõ tên, không cần dấu: dong nai", typedAny: "Gõ tên để chọn", found: "Đơn vị tìm thấy", foundCount: (n) => `${n} đơn vị`,
  nothingFound: (text) => `Không tìm thấy đơn vị nào theo “${text}”.`, noneFound: (text) => `Không tìm thấy “${text}”.`,
  unpicked: {
    cluster: "Chưa chọn cụm, khối thi đua: địa chỉ dưới đây là bảng của mọi đơn vị trực thuộc.",
    kinds: "Chưa chọn loại đơn vị: địa chỉ dưới đây là bảng của mọi đơn vị trực thuộc.",
  },
  notAsked: "Chưa hỏi được máy chủ; hãy thử lại.", failed: (status) => `Máy chủ chưa trả lời được (mã ${status}); hãy thử lại.`,
  forgotToken: "Mã truy cập không đúng hoặc đã hết hạn, nên đã được bỏ đi. Danh sách dưới đây là của mọi người.",
  what: "Xếp hạng những đơn vị nào", below: "Các đơn vị trực thuộc", ofCluster: "Chỉ một cụm, khối thi đua", ofKinds: "Mọi đơn vị bên dưới theo loại",
  cluster: "Cụm, khối thi đua", kinds: "Loại đơn vị, một hay nhiều loại", remove: "Bỏ chọn",
  period: "Đợt thi đua", running: "Theo đợt thi đua đang diễn ra", window: "Đồng hồ đếm ngày của", samePeriod: "Đợt thi đua ở trên",
  rank: "Xếp hạng theo",
  ranks: {
    TARGET_RATIO: "Tỷ lệ đạt chỉ tiêu", SUBMITTED: "Số sáng kiến đã đăng ký", ACCEPTED: "Số sáng kiến hợp lệ", PARTICIPANTS: "Số người tham gia",
    PER_1000_MEMBERS: "Số sáng kiến trên 1.000 đoàn viên", BENEFIT: "Giá trị làm lợi", GAINED: "Số tăng hôm nay",
  },
  asIsBest: "Tỷ lệ đạt chỉ tiêu, hoặc số lượng",
  first: "Số đơn vị", all: "500 đơn vị đứng đầu, theo trang", best: (n) => `${n} đơn vị đứng đầu`,
  me: "Đơn vị luôn có trên bảng", rotate: "Luân phiên các bảng", never: "Không", every: (s) => (s < 60 ? `Mỗi bảng ${s} giây` : `Mỗi bảng ${s / 60} phút`),
  boards: "Luân phiên bảng của những đơn vị nào", allBoards: "Mọi đơn vị trực thuộc; gõ tên để chọn",
  hold: "Giữ kết quả sau khi kết thúc", days: (n) => (n === 0 ? "Không giữ" : `${n} ngày`),
  screen: "Màn hình", inches: (n) => `${n} inch`, projector: "Máy chiếu, 100 inch",
  distance: "Người xem đứng cách", metres: (n) => `${n} m`, readable: (m) => `Chữ trong bảng đọc được cách đến ${m} m`, tooFar: (m) => `Màn hình này chỉ đọc được cách đến ${m} m`,
  theme: "Nền", dark: "Tối", light: "Sáng, cho máy chiếu và phòng sáng", lang: "Ngôn ngữ",
  code: "Mã QR của địa chỉ", open: "Mở bảng", briefing: "Trang giao ban để in",
  onlyHere: "Địa chỉ này chỉ mở được trên chính máy này, và máy chủ chỉ nhận kết nối từ chính nó: màn hình khác không mở được. Khởi động lại máy chủ với", listenFlag: "--listen 0.0.0.0:CỔNG",
  asOthers: (host) => `Máy khác mở bằng ${host}: mã QR và địa chỉ dưới đây là của địa chỉ đó.`,
};

const en = {
  title: "Choose the board of a screen",
  how: "Choose the unit, open its board on the screen and leave it: the board goes on by itself.",
  help: "How to hang up a screen",
  unit: "Unit", typed: "Type its name, without marks: dong nai", typedAny: "Type its name to choose", found: "Units found", foundCount: (n) => (n === 1 ? "1 unit" : `${n} units`),
  nothingFound: (text) => `No unit is found by “${text}”.`, noneFound: (text) => `Nothing is found by “${text}”.`,
  unpicked: {
    cluster: "No cluster is chosen: the address is of the board of all units directly below.",
    kinds: "No kind is chosen: the address is of the board of all units directly below.",
  },
  notAsked: "The server could not be asked; try again.", failed: (status) => `The server has no answer (status ${status}); try again.`,
  forgotToken: "The access token is not valid, or has expired, and was forgotten. This is what everybody may see.",
  what: "Which units are ranked", below: "The units directly below", ofCluster: "Only one cluster of them", ofKinds: "All units below, by their kind",
  cluster: "Cluster", kinds: "Kinds of units, one or several", remove: "Remove",
  period: "Period", running: "The running period", window: "The days on its clock", samePeriod: "Those of the period above",
  rank: "Ranked by",
  ranks: {
    TARGET_RATIO: "Share of the target", SUBMITTED: "Initiatives registered", ACCEPTED: "Initiatives accepted", PARTICIPANTS: "Participants",
    PER_1000_MEMBERS: "Initiatives per 1,000 members", BENEFIT: "Yearly benefit", GAINED: "Today's gain",
  },
  asIsBest: "Share of the target; without targets, the count",
  first: "How many units", all: "The best 500, in pages", best: (n) => `The best ${n}`,
  me: "Unit that is always on the board", rotate: "Boards in turn", never: "One board", every: (s) => (s < 60 ? `Each for ${s} seconds` : s === 60 ? "Each for a minute" : `Each for ${s / 60} minutes`),
  boards: "Boards of which units", allBoards: "All directly below; type a name to choose",
  hold: "Keep the result after the end", days: (n) => (n === 0 ? "Do not keep it" : n === 1 ? "1 day" : `${n} days`),
  screen: "Screen", inches: (n) => `${n} inches`, projector: "Projector, 100 in",
  distance: "Read from", metres: (n) => `${n} m`, readable: (m) => `Rows can be read from up to ${m} m`, tooFar: (m) => `This screen can be read from up to ${m} m only`,
  theme: "Background", dark: "Dark", light: "Light, for projectors and bright rooms", lang: "Language",
  code: "QR code of the address", open: "Open the board", briefing: "The sheet of a meeting, to print",
  onlyHere: "This address opens on this computer alone, and the server listens to nobody else: it is of no use to other screens. Start the server with", listenFlag: "--listen 0.0.0.0:PORT",
  asOthers: (host) => `Others reach this computer as ${host}: the QR code and the address are of that.`,
};

export const chooserWords = (lang) => (lang === "en" ? en : vi);
