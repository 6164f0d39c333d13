//! The texts for clients, in both languages. The English of a [`Problem`] is its own text, which
//! the command line uses as well.

pub mod faults;
pub mod init;
pub mod labels;
pub mod outcomes;

use crate::auth::Language;
use crate::domain::refusal::Possession;
use crate::domain::{Day, InitiativeStatus, Problem};
use crate::graphql::request::invalid::Invalid;
use crate::graphql::request::syntax;

/// The text of a top-level error of ours, or of the answer to a request that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ErrorMessage {
    Invalid(Invalid),
    NoOperation(String),
    OperationNotNamed,
    UnknownToken,
    ChangeNeedsToken,
    DatabaseAway,
    TooManyWaiting,
    Stopping,
    WrongTime,
    OlderNode,
    FiguresMadeAnew,
    FiguresLost,
    FiguresTooLarge,
    FiguresOfNewer,
    Failed,
    NotYetAt(i64),
    Fault,
    NotAMinVersion,
    NoUnitOfCode(String),
    NoUnitOfId,
    NoPeriodOfCode(String),
    NoPeriodOfId,
    NoPeriodYet,
    PeriodNotOfUnit(String),
    TooManyEntries { name: &'static str, count: usize, max: i32 },
    OutOfPage { name: &'static str, asked: i32, max: i32 },
    FirstWithLast,
    NotACursor(String),
    CursorExpired,
    NotAMark,
    MarkExpired,
    VersionAhead(i64),
    EmptyText,
    TooLongText { max: usize },
    NegativeVersion,
    TooManyTokens { max: usize },
    TooManySelections { max: usize },
    TooDeep { max: usize },
    TooNested { max: usize },
    Syntax(syntax::Problem),
    NamelessOperation,
    OperationNamedTwice,
    FragmentNamedTwice,
    NumberTooLarge,
    TooManyOperations { max: usize },
    TooCostly { price: u64, max: u32 },
    BudgetUsed { price: u64, left: u32, seconds: u64 },
    TooMuchHeld { max: usize },
    TooManyChannels,
    TooManyChannelsFromClient,
    ChannelsTooLarge,
    ChannelsTooLargeFromClient,
    NobodyWaits,
    AnswerTooManyFields { max: u64 },
    AnswerTooLarge { max: u64 },
    TooMuchScanned { max: u64 },
    TooManyExecutions,
    TooManyExecutionsFromClient,
    FromAfterTo { from: Day, to: Day },
    CursorOfAnother,
    OrderNotKept,
    ClusterWithKinds,
    ClusterNotOfSiblings,
    SinceOutOfReach { earliest: Day, latest: Day },
    AsOfOutOfReach { first: Day, today: Day },
    NegativeRatio,
    NegativeDays { name: &'static str },
    UntilOutOfReach { earliest: Day, today: Day },
    NotBriefingParameters { wrong: String },
    NotALanguage,
    NotANumber { name: &'static str },
    NotADay { name: &'static str },
    NotAPart { parts: String },
    PartOfStaff,
    TooManyWords { count: usize, max: usize },
    NotARequest,
    NoQuery,
    NotJson,
    JsonTooNested { max: usize },
    Batch,
    NotAnObject,
    NotJsonParameter,
    NotJsonContent,
    CompressedBody,
    SubscriptionNotStreamed,
    NotAnAddress,
    TooLargeBody,
    TooManyBodies,
    TooManyBodiesFromThere,
    BodyCutOff,
    NotAcceptable,
    MutationByGet,
    NotAMinVersionHeader,
    OriginNotAllowed,
    NotAdmitted,
    TooManyFromClient,
    TooManyUnknownTokens,
}

impl ErrorMessage {
    pub fn text(&self, language: Language) -> String {
        match language {
            Language::English => self.english(),
            Language::Vietnamese => self.vietnamese(),
        }
    }

    fn english(&self) -> String {
        match self {
            Self::Invalid(invalid) => invalid.text(Language::English),
            Self::NoOperation(name) => format!("the document has no operation {name}"),
            Self::OperationNotNamed => {
                "the document has several operations; operationName must name one".to_owned()
            }
            Self::UnknownToken => {
                "the token is not known, has expired or was revoked; leave it out to read what is public".to_owned()
            }
            Self::ChangeNeedsToken => "a change needs a token".to_owned(),
            Self::DatabaseAway => "the database is not available; try again".to_owned(),
            Self::TooManyWaiting => "too many commands are waiting; try again".to_owned(),
            Self::Stopping => "the server is stopping; try again".to_owned(),
            Self::WrongTime => "the server's time is wrong, so it takes no changes; try again".to_owned(),
            Self::OlderNode => {
                "another server is still of an older release that cannot read this change; try again once it is replaced"
                    .to_owned()
            }
            Self::FiguresMadeAnew => {
                "the figures of this closing are being made from the log; try again later".to_owned()
            }
            Self::FiguresLost => {
                "the figures of this closing are damaged or missing, and the log that they could be made from is not there any more: ask the operator for a backup".to_owned()
            }
            Self::FiguresTooLarge => {
                "the figures of this closing are too large to be kept: the period's fields have too many different texts".to_owned()
            }
            Self::FiguresOfNewer => {
                "a newer server wrote the figures of this closing; ask that one, or try again later".to_owned()
            }
            Self::Failed => {
                "the server failed and starts anew; the change may have been made: send the same again".to_owned()
            }
            Self::NotYetAt(version) => format!("this server has not reached version {version} yet; try again"),
            Self::Fault => "the server has a fault, which its log tells; tell the operator".to_owned(),
            Self::NotAMinVersion => "extensions.minVersion must be a version, as an integer, or a mark".to_owned(),
            Self::NoUnitOfCode(code) => format!("there is no unit with the code {code:?}"),
            Self::NoUnitOfId => "the id names no unit".to_owned(),
            Self::NoPeriodOfCode(code) => format!("there is no period with the code {code:?}"),
            Self::NoPeriodOfId => "the id names no period".to_owned(),
            Self::NoPeriodYet => "there is no period yet".to_owned(),
            Self::PeriodNotOfUnit(code) => format!("the period {code} covers neither the unit nor any below it"),
            Self::TooManyEntries { name, count, max } => {
                format!("{name} has {count} entries; at most {max}")
            }
            Self::OutOfPage { name, asked, max } => {
                format!("{name} is {asked}; it must be from 0 to {max}")
            }
            Self::FirstWithLast => "give first or last, not both".to_owned(),
            Self::NotACursor(cursor) => format!("{cursor:?} is not a cursor of this list"),
            Self::CursorExpired => "the log cannot be followed from this cursor any more".to_owned(),
            Self::NotAMark => "changedSince must be a mark, as extensions.mark gives it".to_owned(),
            Self::MarkExpired => {
                "the mark is not of this log, or its part of the log is not kept any more; copy everything anew".to_owned()
            }
            Self::VersionAhead(version) => {
                format!("version {version} is ahead of this log; copy everything anew")
            }
            Self::EmptyText => "text must hold a letter or a digit".to_owned(),
            Self::TooLongText { max } => format!("text has more than {max} characters"),
            Self::NegativeVersion => "changedAfter must be a version, 0 or more".to_owned(),
            Self::TooManyTokens { max } => format!("the document has more than {max} tokens"),
            Self::TooManySelections { max } => {
                format!(
                    "the document selects more than {max} fields, each fragment counted wherever it is spread"
                )
            }
            Self::TooDeep { max } => format!("the document nests more than {max} fields deep"),
            Self::TooNested { max } => format!(
                "the document has more than {max} brackets within one another, each fragment counted where it is spread"
            ),
            Self::Syntax(problem) => problem.text(Language::English),
            Self::NamelessOperation => {
                "an operation without a name must be the only one of its document".to_owned()
            }
            Self::OperationNamedTwice => "another operation has the same name".to_owned(),
            Self::FragmentNamedTwice => "another fragment has the same name".to_owned(),
            Self::NumberTooLarge => "the number does not fit in 64 bits".to_owned(),
            Self::TooManyChannelsFromClient => {
                "too many different subscriptions are open from this address; complete one first"
                    .to_owned()
            }
            Self::ChannelsTooLarge => {
                "the subscriptions on this server take too much memory; try again later".to_owned()
            }
            Self::ChannelsTooLargeFromClient => {
                "the subscriptions of this client take too much memory; complete one first, or ask for fewer rows or fields"
                    .to_owned()
            }
            Self::TooCostly { price, max } => format!(
                "the document costs {price} and may cost {max}; ask for fewer rows or fields at a time"
            ),
            Self::BudgetUsed { price, left, seconds } => format!(
                "the request costs {price}, and this minute's budget has {left} left; try again in {seconds} s"
            ),
            Self::NobodyWaits => "the client does not wait for the answer any more".to_owned(),
            Self::AnswerTooManyFields { max } => {
                format!("the answer has more than {max} fields; ask for fewer rows or fields")
            }
            Self::AnswerTooLarge { max } => {
                format!("the answer is larger than {max} bytes; ask for fewer rows or fields")
            }
            Self::TooMuchScanned { max } => format!(
                "the answer would look through more than {max} units; ask for fewer searches, filtered lists and leaderboards at a time"
            ),
            Self::TooManyExecutions => "too many requests are waiting; try again".to_owned(),
            Self::TooManyExecutionsFromClient => {
                "too many of your requests are waiting; send fewer at a time".to_owned()
            }
            Self::TooManyChannels => {
                "too many different subscriptions are open on this server; try again later".to_owned()
            }
            Self::TooManyOperations { max } => {
                format!("this connection runs {max} operations already; complete one first")
            }
            Self::TooMuchHeld { max } => format!(
                "the documents and variables of the operations of one connection may take {max} bytes of memory; complete one first, or send less"
            ),
            Self::FromAfterTo { from, to } => format!("from ({from}) lies after to ({to})"),
            Self::CursorOfAnother => "the cursor belongs to another list, filter, order, period or version".to_owned(),
            Self::OrderNotKept => "the counts have changed, and the order of that version is not kept any more; begin again with the first page".to_owned(),
            Self::ClusterWithKinds => "cluster goes with direct children, not with kinds".to_owned(),
            Self::ClusterNotOfSiblings => "inCluster goes with the unit's siblings, not with another within".to_owned(),
            Self::SinceOutOfReach { earliest, latest } => format!("since must lie between {earliest} and {latest}"),
            Self::AsOfOutOfReach { first, today } => format!("asOf must lie between {first} and {today}"),
            Self::NegativeRatio => "ratioBelow must be 0 or more".to_owned(),
            Self::NegativeDays { name } => format!("{name} must be 0 or more"),
            Self::UntilOutOfReach { earliest, today } => format!("until must lie between {earliest} and {today}"),
            Self::NotBriefingParameters { wrong } => format!("\"{wrong}\" is no parameter of a briefing, or is given twice: it takes unit, period, since, until, first and lang, a CSV file part as well"),
            Self::NotALanguage => "lang must be vi or en".to_owned(),
            Self::NotANumber { name } => format!("{name} must be a whole number"),
            Self::NotADay { name } => format!("{name} must be a day, such as 2022-05-31"),
            Self::NotAPart { parts } => format!("part must be one of {parts}"),
            Self::PartOfStaff => "this part names units to staff of the unit alone".to_owned(),
            Self::TooManyWords { count, max } => format!("text has {count} words; at most {max}"),
            Self::NotARequest => "query and operationName must be strings, variables and extensions objects".to_owned(),
            Self::NoQuery => "query is missing".to_owned(),
            Self::NotJson => "the body is not JSON".to_owned(),
            Self::JsonTooNested { max } => {
                format!("JSON has more than {max} lists and objects within one another")
            }
            Self::Batch => "batches are not taken; send one request at a time".to_owned(),
            Self::NotAnObject => "the body must be an object".to_owned(),
            Self::NotJsonParameter => "variables and extensions must be JSON objects".to_owned(),
            Self::NotJsonContent => "Content-Type must be application/json, in UTF-8".to_owned(),
            Self::CompressedBody => "compressed bodies are not taken; send the body without Content-Encoding".to_owned(),
            Self::SubscriptionNotStreamed => "a subscription is answered as text/event-stream or multipart/mixed (name one in Accept), or over WebSocket (graphql-transport-ws)".to_owned(),
            Self::NotAnAddress => "the query string of the address cannot be read".to_owned(),
            Self::TooLargeBody => "the body is too large".to_owned(),
            Self::TooManyBodies => {
                "the requests that the server is reading take too much memory; try again".to_owned()
            }
            Self::TooManyBodiesFromThere => {
                "this client is sending too much at a time; wait for an answer first".to_owned()
            }
            Self::BodyCutOff => "the body did not arrive whole".to_owned(),
            Self::NotAcceptable => "answers are application/json, application/graphql-response+json, text/event-stream or multipart/mixed".to_owned(),
            Self::MutationByGet => "a mutation must be sent by POST".to_owned(),
            Self::NotAMinVersionHeader => "X-Sangkien-Min-Version must be a version, as an integer, or a mark".to_owned(),
            Self::OriginNotAllowed => "pages of this origin may not ask here; the operator can name it, if it is the server's own (--public-url), or allow it (--allow-origin)".to_owned(),
            Self::NotAdmitted => "all connections are taken; try again".to_owned(),
            Self::TooManyFromClient => {
                "too many connections are open from this address; close one, or try again"
                    .to_owned()
            }
            Self::TooManyUnknownTokens => {
                "too many unknown tokens are coming in, so yours was not looked up; try again".to_owned()
            }
        }
    }

    fn vietnamese(&self) -> String {
        match self {
            Self::Invalid(invalid) => invalid.text(Language::Vietnamese),
            Self::NoOperation(name) => format!("truy vấn không có thao tác {name}"),
            Self::OperationNotNamed => {
                "truy vấn có nhiều thao tác; hãy nêu tên một thao tác trong operationName".to_owned()
            }
            Self::UnknownToken => {
                "mã truy cập không đúng, đã hết hạn hoặc đã bị thu hồi; hãy bỏ mã để xem thông tin công khai".to_owned()
            }
            Self::ChangeNeedsToken => "cần mã truy cập để thay đổi dữ liệu".to_owned(),
            Self::DatabaseAway => "cơ sở dữ liệu tạm thời gián đoạn; hãy thử lại".to_owned(),
            Self::TooManyWaiting => "có quá nhiều yêu cầu đang chờ; hãy thử lại".to_owned(),
            Self::Stopping => "máy chủ đang dừng; hãy thử lại".to_owned(),
            Self::WrongTime => "giờ của máy chủ đang sai nên chưa nhận thay đổi; hãy thử lại".to_owned(),
            Self::OlderNode => {
                "một máy chủ khác còn dùng bản cũ, chưa đọc được thay đổi này; hãy thử lại khi máy chủ đó đã được nâng cấp"
                    .to_owned()
            }
            Self::FiguresMadeAnew => {
                "số liệu của lần chốt này đang được lập lại từ nhật ký; hãy thử lại sau".to_owned()
            }
            Self::FiguresLost => {
                "số liệu của lần chốt này bị hỏng hoặc bị mất, và nhật ký để lập lại đã không còn: hãy yêu cầu người vận hành khôi phục từ bản sao lưu".to_owned()
            }
            Self::FiguresTooLarge => {
                "số liệu của lần chốt này quá lớn nên không lưu được: các lĩnh vực của đợt thi đua có quá nhiều cách ghi khác nhau".to_owned()
            }
            Self::FiguresOfNewer => {
                "số liệu của lần chốt này do một máy chủ mới hơn ghi; hãy hỏi máy chủ đó, hoặc thử lại sau".to_owned()
            }
            Self::Failed => {
                "máy chủ gặp sự cố và đang khởi động lại; thay đổi có thể đã được ghi nhận: hãy gửi lại đúng như cũ".to_owned()
            }
            Self::NotYetAt(version) => format!("máy chủ này chưa cập nhật đến phiên bản {version}; hãy thử lại"),
            Self::Fault => "máy chủ gặp lỗi, đã ghi vào nhật ký; hãy báo cho người vận hành".to_owned(),
            Self::NotAMinVersion => "extensions.minVersion phải là một phiên bản (số nguyên) hoặc một mốc".to_owned(),
            Self::NoUnitOfCode(code) => format!("không có đơn vị nào có mã {code:?}"),
            Self::NoUnitOfId => "không có đơn vị nào ứng với mã toàn cục này".to_owned(),
            Self::NoPeriodOfCode(code) => format!("không có đợt thi đua nào có mã {code:?}"),
            Self::NoPeriodOfId => "không có đợt thi đua nào ứng với mã toàn cục này".to_owned(),
            Self::NoPeriodYet => "chưa có đợt thi đua nào".to_owned(),
            Self::PeriodNotOfUnit(code) => format!("đợt thi đua {code} không áp dụng cho đơn vị này hay đơn vị nào bên dưới"),
            Self::TooManyEntries { name, count, max } => {
                format!("{name} có {count} phần tử; nhiều nhất là {max}")
            }
            Self::OutOfPage { name, asked, max } => {
                format!("{name} là {asked}; phải từ 0 đến {max}")
            }
            Self::FirstWithLast => "chỉ dùng first hoặc last, không dùng cả hai".to_owned(),
            Self::NotACursor(cursor) => {
                format!("{cursor:?} không phải là vị trí của danh sách này")
            }
            Self::CursorExpired => "không thể đọc tiếp từ vị trí này nữa".to_owned(),
            Self::NotAMark => "changedSince phải là một mốc lấy từ extensions.mark".to_owned(),
            Self::MarkExpired => {
                "mốc này không thuộc nhật ký hiện có, hoặc phần nhật ký đó không còn được lưu; hãy sao chép lại từ đầu".to_owned()
            }
            Self::VersionAhead(version) => {
                format!("nhật ký chưa đến phiên bản {version}; hãy sao chép lại từ đầu")
            }
            Self::EmptyText => "text phải có ít nhất một chữ cái hoặc chữ số".to_owned(),
            Self::TooLongText { max } => format!("text dài hơn {max} ký tự"),
            Self::NegativeVersion => "changedAfter phải là một phiên bản, từ 0 trở lên".to_owned(),
            Self::TooManyTokens { max } => format!("truy vấn dài hơn {max} ký hiệu"),
            Self::TooManySelections { max } => {
                format!("truy vấn chọn quá {max} trường, tính cả mỗi lần dùng fragment")
            }
            Self::TooDeep { max } => format!("truy vấn lồng sâu quá {max} cấp"),
            Self::TooNested { max } => format!(
                "truy vấn có hơn {max} cặp ngoặc lồng nhau, tính cả mỗi lần dùng fragment"
            ),
            Self::Syntax(problem) => problem.text(Language::Vietnamese),
            Self::NamelessOperation => {
                "thao tác không có tên phải là thao tác duy nhất của truy vấn".to_owned()
            }
            Self::OperationNamedTwice => "một thao tác khác đã có tên này".to_owned(),
            Self::FragmentNamedTwice => "một fragment khác đã có tên này".to_owned(),
            Self::NumberTooLarge => "số vượt quá phạm vi 64 bit".to_owned(),
            Self::TooManyChannelsFromClient => {
                "địa chỉ này đang theo dõi quá nhiều nội dung khác nhau; hãy kết thúc bớt trước"
                    .to_owned()
            }
            Self::ChannelsTooLarge => {
                "các nội dung đang được theo dõi trên máy chủ chiếm quá nhiều bộ nhớ; hãy thử lại sau".to_owned()
            }
            Self::ChannelsTooLargeFromClient => {
                "các nội dung bạn đang theo dõi chiếm quá nhiều bộ nhớ; hãy kết thúc bớt, hoặc yêu cầu ít dòng hay ít trường hơn"
                    .to_owned()
            }
            Self::TooCostly { price, max } => format!(
                "truy vấn có chi phí {price}, vượt mức cho phép là {max}; mỗi lần hãy yêu cầu ít dòng hoặc ít trường hơn"
            ),
            Self::BudgetUsed { price, left, seconds } => format!(
                "yêu cầu có chi phí {price}, mà hạn mức của phút này chỉ còn {left}; hãy thử lại sau {seconds} giây"
            ),
            Self::NobodyWaits => "không còn ai chờ câu trả lời này nữa".to_owned(),
            Self::AnswerTooManyFields { max } => {
                format!("câu trả lời có hơn {max} trường; hãy hỏi ít dòng hoặc ít trường hơn")
            }
            Self::AnswerTooLarge { max } => {
                format!("câu trả lời lớn hơn {max} byte; hãy hỏi ít dòng hoặc ít trường hơn")
            }
            Self::TooMuchScanned { max } => format!(
                "phải duyệt hơn {max} đơn vị mới trả lời được; mỗi lần hãy hỏi ít lượt tìm kiếm, danh sách lọc và bảng xếp hạng hơn"
            ),
            Self::TooManyExecutions => "có quá nhiều yêu cầu đang chờ; hãy thử lại sau".to_owned(),
            Self::TooManyExecutionsFromClient => {
                "bạn có quá nhiều yêu cầu đang chờ; hãy gửi ít hơn mỗi lần".to_owned()
            }
            Self::TooManyChannels => {
                "máy chủ đang theo dõi quá nhiều nội dung khác nhau; hãy thử lại sau".to_owned()
            }
            Self::TooManyOperations { max } => {
                format!("kết nối này đã có {max} thao tác đang chạy; hãy kết thúc bớt trước")
            }
            Self::TooMuchHeld { max } => format!(
                "truy vấn và biến của các thao tác đang chạy trên một kết nối được chiếm tối đa {max} byte bộ nhớ; hãy kết thúc bớt hoặc gửi ít hơn"
            ),
            Self::FromAfterTo { from, to } => format!("from ({from}) không được sau to ({to})"),
            Self::CursorOfAnother => "vị trí này thuộc danh sách, bộ lọc, thứ tự, đợt thi đua hoặc phiên bản khác".to_owned(),
            Self::OrderNotKept => "số liệu đã thay đổi và thứ tự của phiên bản đó không còn được lưu; hãy đọc lại từ trang đầu".to_owned(),
            Self::ClusterWithKinds => "cluster chỉ dùng cho cấp dưới trực tiếp, không dùng cùng kinds".to_owned(),
            Self::ClusterNotOfSiblings => "inCluster chỉ dùng khi xếp hạng giữa các đơn vị cùng cấp trên; within phải là cấp trên trực tiếp".to_owned(),
            Self::SinceOutOfReach { earliest, latest } => format!("since phải nằm trong khoảng từ {earliest} đến {latest}"),
            Self::AsOfOutOfReach { first, today } => format!("asOf phải nằm trong khoảng từ {first} đến {today}"),
            Self::NegativeRatio => "ratioBelow phải từ 0 trở lên".to_owned(),
            Self::NegativeDays { name } => format!("{name} phải từ 0 trở lên"),
            Self::UntilOutOfReach { earliest, today } => format!("until phải nằm trong khoảng từ {earliest} đến {today}"),
            Self::NotBriefingParameters { wrong } => format!("\"{wrong}\" không phải là tham số của trang giao ban, hoặc có hai lần: chỉ nhận unit, period, since, until, first và lang, tệp CSV nhận thêm part"),
            Self::NotALanguage => "lang phải là vi hoặc en".to_owned(),
            Self::NotANumber { name } => format!("{name} phải là số nguyên"),
            Self::NotADay { name } => format!("{name} phải là một ngày, ví dụ 2022-05-31"),
            Self::NotAPart { parts } => format!("part phải là một trong {parts}"),
            Self::PartOfStaff => "phần này chỉ nêu tên đơn vị cho cán bộ của đơn vị".to_owned(),
            Self::TooManyWords { count, max } => format!("text có {count} từ; nhiều nhất là {max}"),
            Self::NotARequest => "query và operationName phải là chuỗi ký tự, variables và extensions phải là đối tượng".to_owned(),
            Self::NoQuery => "thiếu query".to_owned(),
            Self::NotJson => "nội dung gửi lên không phải là JSON".to_owned(),
            Self::JsonTooNested { max } => {
                format!("JSON có hơn {max} cấp danh sách và đối tượng lồng nhau")
            }
            Self::Batch => "mỗi lần chỉ nhận một yêu cầu, không nhận nhiều yêu cầu gộp".to_owned(),
            Self::NotAnObject => "nội dung gửi lên phải là một đối tượng".to_owned(),
            Self::NotJsonParameter => "variables và extensions phải là đối tượng JSON".to_owned(),
            Self::NotJsonContent => "Content-Type phải là application/json, mã hóa UTF-8".to_owned(),
            Self::CompressedBody => "không nhận nội dung nén; hãy gửi nguyên dạng, không kèm Content-Encoding".to_owned(),
            Self::SubscriptionNotStreamed => "subscription được trả lời bằng text/event-stream hoặc multipart/mixed (nêu trong Accept), hoặc qua WebSocket (graphql-transport-ws)".to_owned(),
            Self::NotAnAddress => "không đọc được phần truy vấn của địa chỉ".to_owned(),
            Self::TooLargeBody => "nội dung gửi lên quá lớn".to_owned(),
            Self::TooManyBodies => {
                "các yêu cầu đang được nhận chiếm quá nhiều bộ nhớ; hãy thử lại".to_owned()
            }
            Self::TooManyBodiesFromThere => {
                "bạn đang gửi quá nhiều nội dung cùng lúc; hãy đợi trả lời trước".to_owned()
            }
            Self::BodyCutOff => "nội dung gửi lên chưa đến đầy đủ".to_owned(),
            Self::NotAcceptable => "câu trả lời chỉ có dạng application/json, application/graphql-response+json, text/event-stream hoặc multipart/mixed".to_owned(),
            Self::MutationByGet => "mutation chỉ được gửi bằng POST".to_owned(),
            Self::NotAMinVersionHeader => "X-Sangkien-Min-Version phải là một phiên bản (số nguyên) hoặc một mốc".to_owned(),
            Self::OriginNotAllowed => "trang web của nguồn này không được truy cập; người vận hành có thể khai báo nếu đó là địa chỉ của chính máy chủ (--public-url), hoặc cho phép (--allow-origin)".to_owned(),
            Self::NotAdmitted => "máy chủ đã hết chỗ cho kết nối mới; hãy thử lại".to_owned(),
            Self::TooManyFromClient => {
                "có quá nhiều kết nối từ địa chỉ này; hãy đóng bớt hoặc thử lại".to_owned()
            }
            Self::TooManyUnknownTokens => {
                "hiện có quá nhiều mã truy cập lạ nên chưa kiểm tra được mã của bạn; hãy thử lại".to_owned()
            }
        }
    }
}

/// The text of a fault that the caller can mend.
pub fn of_problem(problem: &Problem, language: Language) -> String {
    match language {
        Language::English => problem.to_string(),
        Language::Vietnamese => vietnamese(problem),
    }
}

fn vietnamese(problem: &Problem) -> String {
    match problem {
        Problem::UnitNotFound(name) => format!("không có đơn vị {name}"),
        Problem::PeriodNotFound(name) => format!("không có đợt thi đua {name}"),
        Problem::InitiativeNotFound(name) => format!("không có sáng kiến {name}"),
        Problem::Empty => "không được để trống".to_owned(),
        Problem::TooLong { length, max } => {
            format!("có {length} ký tự; nhiều nhất là {max}")
        }
        Problem::TooMany { count, max } => format!("có {count} phần tử; nhiều nhất là {max}"),
        Problem::TooSmall { min } => format!("phải từ {min} trở lên"),
        Problem::TooLarge { max } => format!("không được lớn hơn {max}"),
        Problem::Missing { noun: "unit" } => "bắt buộc đối với đơn vị mới".to_owned(),
        Problem::Missing { noun: "rule" } => "bắt buộc đối với quy tắc mới".to_owned(),
        Problem::Missing { .. } => "bắt buộc đối với đợt thi đua mới".to_owned(),
        Problem::NotClearable => "không được xóa giá trị này".to_owned(),
        Problem::AppliedOnMissing => {
            "bắt buộc đối với loại sáng kiến này: chương trình yêu cầu ngày áp dụng".to_owned()
        }
        Problem::OutsideAppliedWindow { from, until } => {
            format!("ngày áp dụng nằm ngoài thời gian của chương trình ({from} đến {until})")
        }
        Problem::NoRunningPeriod(day) => {
            format!("không có đợt thi đua nào áp dụng cho đơn vị đang diễn ra trong ngày {day}")
        }
        Problem::UnitClosed(day) => format!("đơn vị đã ngừng hoạt động từ ngày {day}"),
        Problem::KeyReused => "khóa này đã dùng cho nội dung khác".to_owned(),
        Problem::WrongStatus(status) => {
            format!("sáng kiến {} nên không thực hiện được việc này", status_name(*status))
        }
        Problem::NotAccepted(status) => format!(
            "chỉ sáng kiến hợp lệ mới được chọn tiêu biểu; sáng kiến này {}",
            status_name(*status)
        ),
        Problem::ReasonWithoutRejection => "chỉ được nêu lý do khi quyết định là REJECT".to_owned(),
        Problem::RejectionWithoutReason => "phải nêu lý do khi quyết định là REJECT".to_owned(),
        Problem::ReturnWithoutNote => {
            "phải ghi ý kiến, nêu điều cần chỉnh sửa, khi quyết định là RETURN".to_owned()
        }
        Problem::VersionConflict { actual, expected } => {
            format!("sáng kiến đã thay đổi: phiên bản hiện nay là {actual}, không phải {expected}")
        }
        Problem::PeriodRuns(day) => {
            format!("đợt thi đua diễn ra đến hết ngày {day}: từ ngày sau đó mới chốt số liệu được")
        }
        Problem::ReviewsMissing { pending, returned } => format!(
            "đợt thi đua còn {pending} sáng kiến chờ xét duyệt và {returned} sáng kiến trả lại; dùng `evenPending` để vẫn \
             chốt số liệu"
        ),
        Problem::ClosingConflict { actual, expected } => {
            format!("lần chốt số liệu cuối có phiên bản {actual}, không phải {expected}")
        }
        Problem::UnitCycle => "đơn vị không thể trực thuộc chính nó".to_owned(),
        Problem::PeriodCycle => "đợt thi đua không thể nằm trong chính nó".to_owned(),
        Problem::SecondRoot(code) => {
            format!("đã có đơn vị cao nhất là {code}; đơn vị khác phải có cấp trên")
        }
        Problem::RootMoved => "không thể chuyển đơn vị cao nhất sang cấp trên khác".to_owned(),
        Problem::RootDeleted => "không thể xóa đơn vị cao nhất".to_owned(),
        Problem::UnitHas(possession) => {
            let has = match possession {
                Possession::Units => "đang có đơn vị trực thuộc",
                Possession::Targets => "đang có chỉ tiêu",
                Possession::Periods => "đang có đợt thi đua",
                Possession::Rules => "đang có quy tắc",
                Possession::Initiatives => "đã từng có sáng kiến",
                Possession::Tokens => "đã được cấp token",
            };
            format!("đơn vị {has} nên không xóa được: hãy cho ngừng hoạt động")
        }
        Problem::EndsBeforeStart => "ngày kết thúc không được trước ngày bắt đầu".to_owned(),
        Problem::PeriodTooLong { max } => format!("dài hơn {max} ngày"),
        Problem::TooManyPeriodsOwned { max } => {
            format!("đơn vị đã phát động {max} đợt thi đua, là số đợt nhiều nhất của một đơn vị")
        }
        Problem::TooManyPeriods { max } => {
            format!("đã có {max} đợt thi đua, là số đợt nhiều nhất của cả hệ thống")
        }
        Problem::FutureDay => "không được là ngày trong tương lai".to_owned(),
        Problem::DayBefore(first) => format!("không được trước ngày {first}"),
        Problem::NotCovered => {
            "đợt thi đua không áp dụng cho đơn vị này hay đơn vị nào bên dưới".to_owned()
        }
        Problem::BadPercent => {
            "tỷ lệ phải lớn hơn 0, không quá 100, và cận dưới không vượt cận trên".to_owned()
        }
        Problem::NoMemberCount => "đơn vị chưa có số đoàn viên để tính tỷ lệ".to_owned(),
        Problem::BadDecimal { max } => {
            format!("phải là số từ 0 đến {max}, có nhiều nhất 9 chữ số thập phân")
        }
        Problem::RankedByGained => {
            "quy tắc không xếp hạng theo GAINED được: mức tăng tính từ một ngày, còn quy tắc xét cả đợt thi đua".to_owned()
        }
        Problem::StepNotAbove => "phải cao hơn bậc trước".to_owned(),
        Problem::TargetPeriodWithoutRatio => {
            "chỉ tiêu của đợt thi đua khác chỉ dùng với TARGET_RATIO".to_owned()
        }
        Problem::TooManyRulesOwned { max } => {
            format!("đơn vị đã có {max} quy tắc, là số quy tắc nhiều nhất của một đơn vị")
        }
        Problem::TooManyRules { max } => {
            format!("đã có {max} quy tắc, là số quy tắc nhiều nhất của cả hệ thống")
        }
        Problem::RuleNotFound(code) => format!("không có quy tắc {code}"),
        Problem::RuleConfirmed => {
            "đã có kết quả xét theo quy tắc này được xác nhận; hãy hủy xác nhận trước".to_owned()
        }
        Problem::NotClosed => "đợt thi đua chưa được chốt số liệu".to_owned(),
        Problem::ConfirmedAlready => {
            "kết quả xét đã được xác nhận với ghi chú khác; hãy hủy xác nhận trước".to_owned()
        }
        Problem::CodeTaken(name) => format!("mã này là của đơn vị khác: {name}"),
        Problem::TakenBackWithoutNote => {
            "phải ghi chú, nêu lý do, khi hủy xác nhận kết quả xét".to_owned()
        }
        Problem::OwnerNotCovered => {
            "đợt thi đua không áp dụng cho đơn vị xét của quy tắc".to_owned()
        }
        Problem::AssessmentConflict { actual, expected } => {
            format!(
                "kết quả xét đã thay đổi: phiên bản hiện nay là {actual}, không phải {expected}"
            )
        }
        Problem::TooManyConfirmed { max } => {
            format!("đã có {max} kết quả xét được xác nhận, là số nhiều nhất của cả hệ thống")
        }
        Problem::TooManyGoals { max } => format!(
            "quy tắc chia cho hơn {max} chỉ tiêu của đợt khác hoặc nguồn khác, là số nhiều nhất được lưu"
        ),
        Problem::TooManyClosings { max } => {
            format!("đợt thi đua đã có {max} lần chốt số liệu, là số lần nhiều nhất được phép")
        }
        Problem::NamedTwice => "được nêu hai lần".to_owned(),
        Problem::PartOfParticipants => {
            "chỉ tiêu về số người tham gia không chia theo nhóm tác giả, lĩnh vực".to_owned()
        }
        Problem::FieldNotFound(name) => format!("không có lĩnh vực {name}"),
        Problem::Forbidden(code) => format!("bạn không có quyền thực hiện việc này đối với {code}"),
    }
}

const fn status_name(status: InitiativeStatus) -> &'static str {
    match status {
        InitiativeStatus::Pending => "đang chờ xét duyệt",
        InitiativeStatus::Returned => "đã được trả lại để chỉnh sửa",
        InitiativeStatus::Accepted => "đã được xác nhận hợp lệ",
        InitiativeStatus::Rejected => "không hợp lệ",
        InitiativeStatus::Withdrawn => "đã rút",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The compiler finds a missing text; this test finds one that was left in English.
    #[test]
    fn both_languages_say_something_of_their_own() {
        let text = || "x".to_owned();
        let expected = |expected| {
            let found = syntax::Found::End;
            ErrorMessage::Syntax(syntax::Problem::Expected { expected, found })
        };
        let messages = [
            ErrorMessage::Invalid(Invalid::AnonymousBesideOthers),
            ErrorMessage::NoOperation(text()),
            ErrorMessage::OperationNotNamed,
            ErrorMessage::UnknownToken,
            ErrorMessage::ChangeNeedsToken,
            ErrorMessage::DatabaseAway,
            ErrorMessage::TooManyWaiting,
            ErrorMessage::Stopping,
            ErrorMessage::WrongTime,
            ErrorMessage::OlderNode,
            ErrorMessage::FiguresMadeAnew,
            ErrorMessage::FiguresLost,
            ErrorMessage::FiguresTooLarge,
            ErrorMessage::FiguresOfNewer,
            ErrorMessage::Failed,
            ErrorMessage::NotYetAt(1),
            ErrorMessage::Fault,
            ErrorMessage::NotAMinVersion,
            ErrorMessage::NoUnitOfCode(text()),
            ErrorMessage::NoUnitOfId,
            ErrorMessage::NoPeriodOfCode(text()),
            ErrorMessage::NoPeriodOfId,
            ErrorMessage::NoPeriodYet,
            ErrorMessage::PeriodNotOfUnit("p".to_owned()),
            ErrorMessage::TooManyEntries { name: "ids", count: 1, max: 1 },
            ErrorMessage::OutOfPage { name: "first", asked: 2, max: 1 },
            ErrorMessage::FirstWithLast,
            ErrorMessage::NotACursor(text()),
            ErrorMessage::CursorExpired,
            ErrorMessage::NotAMark,
            ErrorMessage::MarkExpired,
            ErrorMessage::VersionAhead(1),
            ErrorMessage::EmptyText,
            ErrorMessage::TooLongText { max: 1 },
            ErrorMessage::NegativeVersion,
            ErrorMessage::TooManyTokens { max: 1 },
            ErrorMessage::TooManySelections { max: 1 },
            ErrorMessage::TooDeep { max: 1 },
            ErrorMessage::TooNested { max: 1 },
            ErrorMessage::Syntax(syntax::Problem::UnexpectedCharacter('x')),
            ErrorMessage::Syntax(syntax::Problem::UnterminatedString),
            ErrorMessage::Syntax(syntax::Problem::BadEscape(syntax::Quoted::of("x"))),
            ErrorMessage::Syntax(syntax::Problem::BadNumber(syntax::Quoted::of("x"))),
            ErrorMessage::Syntax(syntax::Problem::VariableInConstant(syntax::Quoted::of("x"))),
            ErrorMessage::Syntax(syntax::Problem::TypeSystem("type")),
            expected(syntax::Expected::Definition),
            expected(syntax::Expected::DescribedDefinition),
            expected(syntax::Expected::Name),
            expected(syntax::Expected::FragmentName),
            expected(syntax::Expected::Selection),
            expected(syntax::Expected::Value),
            expected(syntax::Expected::Type),
            expected(syntax::Expected::Argument),
            expected(syntax::Expected::VariableDefinition),
            expected(syntax::Expected::Token("{")),
            ErrorMessage::NamelessOperation,
            ErrorMessage::OperationNamedTwice,
            ErrorMessage::FragmentNamedTwice,
            ErrorMessage::NumberTooLarge,
            ErrorMessage::TooManyOperations { max: 1 },
            ErrorMessage::TooCostly { price: 2, max: 1 },
            ErrorMessage::BudgetUsed { price: 2, left: 1, seconds: 1 },
            ErrorMessage::TooMuchHeld { max: 1 },
            ErrorMessage::TooManyChannels,
            ErrorMessage::TooManyChannelsFromClient,
            ErrorMessage::ChannelsTooLarge,
            ErrorMessage::ChannelsTooLargeFromClient,
            ErrorMessage::NobodyWaits,
            ErrorMessage::AnswerTooManyFields { max: 1 },
            ErrorMessage::AnswerTooLarge { max: 1 },
            ErrorMessage::TooMuchScanned { max: 1 },
            ErrorMessage::TooManyExecutions,
            ErrorMessage::TooManyExecutionsFromClient,
            ErrorMessage::FromAfterTo { from: Day(1), to: Day(0) },
            ErrorMessage::CursorOfAnother,
            ErrorMessage::OrderNotKept,
            ErrorMessage::ClusterWithKinds,
            ErrorMessage::ClusterNotOfSiblings,
            ErrorMessage::SinceOutOfReach { earliest: Day(0), latest: Day(1) },
            ErrorMessage::AsOfOutOfReach { first: Day(0), today: Day(1) },
            ErrorMessage::NegativeRatio,
            ErrorMessage::NegativeDays { name: "days" },
            ErrorMessage::UntilOutOfReach { earliest: Day(0), today: Day(1) },
            ErrorMessage::NotBriefingParameters { wrong: text() },
            ErrorMessage::NotALanguage,
            ErrorMessage::NotANumber { name: "first" },
            ErrorMessage::NotADay { name: "since" },
            ErrorMessage::NotAPart { parts: text() },
            ErrorMessage::PartOfStaff,
            ErrorMessage::TooManyWords { count: 2, max: 1 },
            ErrorMessage::NotARequest,
            ErrorMessage::NoQuery,
            ErrorMessage::NotJson,
            ErrorMessage::JsonTooNested { max: 1 },
            ErrorMessage::Batch,
            ErrorMessage::NotAnObject,
            ErrorMessage::NotJsonParameter,
            ErrorMessage::NotJsonContent,
            ErrorMessage::CompressedBody,
            ErrorMessage::SubscriptionNotStreamed,
            ErrorMessage::NotAnAddress,
            ErrorMessage::TooLargeBody,
            ErrorMessage::TooManyBodies,
            ErrorMessage::TooManyBodiesFromThere,
            ErrorMessage::BodyCutOff,
            ErrorMessage::NotAcceptable,
            ErrorMessage::MutationByGet,
            ErrorMessage::NotAMinVersionHeader,
            ErrorMessage::OriginNotAllowed,
            ErrorMessage::NotAdmitted,
            ErrorMessage::TooManyFromClient,
            ErrorMessage::TooManyUnknownTokens,
        ];
        let said = messages
            .map(|message| (message.text(Language::English), message.text(Language::Vietnamese)));
        let problems = [
            Problem::UnitNotFound(text()),
            Problem::PeriodNotFound(text()),
            Problem::InitiativeNotFound(text()),
            Problem::Empty,
            Problem::TooLong { length: 2, max: 1 },
            Problem::TooMany { count: 2, max: 1 },
            Problem::TooSmall { min: 0 },
            Problem::TooLarge { max: 1 },
            Problem::Missing { noun: "unit" },
            Problem::Missing { noun: "period" },
            Problem::NotClearable,
            Problem::AppliedOnMissing,
            Problem::OutsideAppliedWindow { from: text(), until: text() },
            Problem::NoRunningPeriod(Day(0)),
            Problem::UnitClosed(Day(0)),
            Problem::KeyReused,
            Problem::WrongStatus(InitiativeStatus::Accepted),
            Problem::NotAccepted(InitiativeStatus::Pending),
            Problem::ReasonWithoutRejection,
            Problem::RejectionWithoutReason,
            Problem::ReturnWithoutNote,
            Problem::VersionConflict { actual: 2, expected: 1 },
            Problem::PeriodRuns(Day(0)),
            Problem::ReviewsMissing { pending: 1, returned: 1 },
            Problem::ClosingConflict { actual: 2, expected: 1 },
            Problem::UnitCycle,
            Problem::PeriodCycle,
            Problem::SecondRoot(text()),
            Problem::RootMoved,
            Problem::RootDeleted,
            Problem::UnitHas(Possession::Tokens),
            Problem::EndsBeforeStart,
            Problem::PeriodTooLong { max: 1 },
            Problem::TooManyPeriodsOwned { max: 1 },
            Problem::TooManyPeriods { max: 1 },
            Problem::FutureDay,
            Problem::DayBefore(Day(0)),
            Problem::NotCovered,
            Problem::BadPercent,
            Problem::NoMemberCount,
            Problem::NamedTwice,
            Problem::Missing { noun: "rule" },
            Problem::BadDecimal { max: 1 },
            Problem::RankedByGained,
            Problem::StepNotAbove,
            Problem::TargetPeriodWithoutRatio,
            Problem::TooManyRulesOwned { max: 1 },
            Problem::TooManyRules { max: 1 },
            Problem::TooManyClosings { max: 1 },
            Problem::RuleNotFound(text()),
            Problem::RuleConfirmed,
            Problem::NotClosed,
            Problem::ConfirmedAlready,
            Problem::CodeTaken(text()),
            Problem::TakenBackWithoutNote,
            Problem::OwnerNotCovered,
            Problem::AssessmentConflict { actual: 2, expected: 1 },
            Problem::TooManyConfirmed { max: 1 },
            Problem::TooManyGoals { max: 1 },
            Problem::FieldNotFound(text()),
            Problem::Forbidden(text()),
        ];
        let refused = problems.map(|problem| {
            let of = |language| of_problem(&problem, language);
            (of(Language::English), of(Language::Vietnamese))
        });
        let all: Vec<&(String, String)> = said.iter().chain(&refused).collect();
        for (english, vietnamese) in &all {
            assert!(!vietnamese.is_empty() && !english.is_empty());
            assert_ne!(english, vietnamese);
            assert!(english.is_ascii() || english.contains('…'), "{english}");
            assert!(!vietnamese.is_ascii(), "{vietnamese}");
        }
        let mut texts: Vec<&String> = all.iter().map(|(_, vietnamese)| vietnamese).collect();
        texts.sort_unstable();
        texts.dedup();
        assert_eq!(texts.len(), all.len(), "each says something else");
    }
}
