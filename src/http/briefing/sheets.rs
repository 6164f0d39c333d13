//! The tables of a briefing, made from the answer to the operation that the page asks as well.

use serde_json::Value;

use crate::auth::Language;

/// Leaders of a cluster whose names a cell holds.
const LEADERS_NAMED: usize = 20;

/// A part of a briefing, by the name of its field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Tally,
    Targets,
    Board,
    Clusters,
    Bands,
    Backlog,
    Movers,
    Laggards,
    NotStarted,
    Silent,
}

impl Part {
    pub const ALL: [Self; 10] = [
        Self::Tally,
        Self::Targets,
        Self::Board,
        Self::Clusters,
        Self::Bands,
        Self::Backlog,
        Self::Movers,
        Self::Laggards,
        Self::NotStarted,
        Self::Silent,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Tally => "tally",
            Self::Targets => "targets",
            Self::Board => "board",
            Self::Clusters => "clusters",
            Self::Bands => "bands",
            Self::Backlog => "backlog",
            Self::Movers => "movers",
            Self::Laggards => "laggards",
            Self::NotStarted => "notStarted",
            Self::Silent => "silent",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.name() == name)
    }

    /// Whether the part is for staff of the unit alone.
    const fn names_units(self) -> bool {
        matches!(self, Self::Laggards | Self::NotStarted | Self::Silent)
    }

    pub fn title(self, language: Language) -> &'static str {
        let (english, vietnamese) = match self {
            Self::Tally => ("Figures", "Số liệu chung"),
            Self::Targets => ("Targets", "Chỉ tiêu"),
            Self::Board => ("Units below", "Cấp dưới trực tiếp"),
            Self::Clusters => ("Clusters", "Cụm, khối thi đua"),
            Self::Bands => ("Shares of targets", "Mức đạt chỉ tiêu"),
            Self::Backlog => ("Waiting", "Hồ sơ chờ xử lý"),
            Self::Movers => ("Gained most", "Tăng nhiều nhất"),
            Self::Laggards => ("Behind", "Chậm tiến độ"),
            Self::NotStarted => ("Without initiatives", "Chưa có sáng kiến"),
            Self::Silent => ("Silent", "Lâu chưa có sáng kiến mới"),
        };
        language.choose(english, vietnamese)
    }

    fn columns(self) -> &'static [Column] {
        use Column as C;
        const ENTRY: &[C] = &[
            C::Rank,
            C::PreviousRank,
            C::Code,
            C::Name,
            C::Cluster,
            C::Submitted,
            C::Gained,
            C::Accepted,
            C::Pending,
            C::Returned,
            C::Participants,
            C::Target,
            C::Ratio,
            C::Excess,
            C::Coverage,
            C::DaysSinceLast,
        ];
        // The counts of a board by what was gained begin on the first day: none of its units had a rank before.
        const MOVER: &[C] = &[
            C::Rank,
            C::Code,
            C::Name,
            C::Cluster,
            C::Submitted,
            C::Gained,
            C::Accepted,
            C::Pending,
            C::Returned,
            C::Participants,
            C::Target,
            C::Ratio,
            C::Excess,
            C::Coverage,
            C::DaysSinceLast,
        ];
        match self {
            Self::Tally => &[
                C::Row,
                C::Submitted,
                C::Gained,
                C::Accepted,
                C::Pending,
                C::Returned,
                C::Rejected,
                C::BenefitVnd,
                C::Participants,
                C::ActiveUnions,
                C::Target,
                C::Ratio,
                C::Excess,
            ],
            Self::Targets => &[
                C::Metric,
                C::Origin,
                C::Group,
                C::Field,
                C::Goal,
                C::Distributed,
                C::Reached,
                C::Ratio,
                C::Excess,
            ],
            Self::Board | Self::Laggards => ENTRY,
            Self::Movers => MOVER,
            Self::Clusters => &[
                C::Cluster,
                C::Units,
                C::Met,
                C::Submitted,
                C::Gained,
                C::Accepted,
                C::Target,
                C::Ratio,
                C::Excess,
                C::Leaders,
            ],
            Self::Bands => &[C::From, C::Below, C::Units],
            Self::Backlog => &[C::FromDays, C::ToDays, C::Pending, C::Returned],
            Self::NotStarted => &[C::Code, C::Name, C::Cluster],
            Self::Silent => &[C::Code, C::Name, C::Cluster, C::Submitted, C::DaysSinceLast],
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    Row,
    Rank,
    PreviousRank,
    Code,
    Name,
    Cluster,
    Submitted,
    Gained,
    Accepted,
    Pending,
    Returned,
    Rejected,
    BenefitVnd,
    Participants,
    ActiveUnions,
    Target,
    Ratio,
    Excess,
    Coverage,
    DaysSinceLast,
    Metric,
    Origin,
    Group,
    Field,
    Goal,
    Distributed,
    Reached,
    Units,
    Met,
    Leaders,
    From,
    Below,
    FromDays,
    ToDays,
}

impl Column {
    /// The name in a CSV file, the same in all languages, for programs.
    pub const fn name(self) -> &'static str {
        self.names().0
    }

    pub fn title(self, language: Language) -> &'static str {
        let (_, english, vietnamese) = self.names();
        language.choose(english, vietnamese)
    }

    const fn names(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Row => ("row", "Row", "Dòng"),
            Self::Rank => ("rank", "Rank", "Hạng"),
            Self::PreviousRank => ("previous_rank", "Rank before", "Hạng trước đó"),
            Self::Code => ("code", "Code", "Mã"),
            Self::Name => ("name", "Unit", "Đơn vị"),
            Self::Cluster => ("cluster", "Cluster", "Cụm, khối thi đua"),
            Self::Submitted => ("submitted", "Submitted", "Đăng ký"),
            Self::Gained => ("gained", "Gained", "Tăng"),
            Self::Accepted => ("accepted", "Accepted", "Hợp lệ"),
            Self::Pending => ("pending", "Pending", "Chờ xét duyệt"),
            Self::Returned => ("returned", "Returned", "Trả lại"),
            Self::Rejected => ("rejected", "Rejected", "Không hợp lệ"),
            Self::BenefitVnd => ("benefit_vnd", "Benefit (đồng)", "Giá trị làm lợi (đồng)"),
            Self::Participants => ("participants", "Participants", "Người tham gia"),
            Self::ActiveUnions => (
                "active_grassroots_unions",
                "Grassroots unions with initiatives",
                "Công đoàn cơ sở có sáng kiến",
            ),
            Self::Target => ("target", "Target", "Chỉ tiêu"),
            Self::Ratio => ("ratio", "Ratio", "Đạt"),
            Self::Excess => ("excess", "Beyond", "Vượt"),
            Self::Coverage => ("coverage", "Coverage", "Tỷ lệ công đoàn cơ sở có sáng kiến"),
            Self::DaysSinceLast => {
                ("days_since_last", "Days since the last", "Số ngày từ lần gần nhất")
            }
            Self::Metric => ("metric", "Metric", "Chỉ số"),
            Self::Origin => ("origin", "Origin", "Nguồn chỉ tiêu"),
            Self::Group => ("group", "Author group", "Nhóm tác giả"),
            Self::Field => ("field", "Field", "Lĩnh vực"),
            Self::Reached => ("reached", "Reached", "Đã đạt"),
            Self::Goal => ("goal", "Goal", "Chỉ tiêu"),
            Self::Distributed => ("distributed", "Distributed", "Đã giao cấp dưới"),
            Self::Units => ("units", "Units", "Số đơn vị"),
            Self::Met => ("met", "Met", "Đạt chỉ tiêu"),
            Self::Leaders => ("leaders", "Leaders", "Dẫn đầu"),
            Self::From => ("from", "From", "Từ"),
            Self::Below => ("below", "Below", "Dưới"),
            Self::FromDays => ("from_days", "From days", "Từ số ngày"),
            Self::ToDays => ("to_days", "To days", "Đến số ngày"),
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Text(String),
    Count(i64),
    /// 1.0 is 100 %.
    Share(f64),
    Empty,
}

/// The table of one part.
#[derive(Debug, Clone, PartialEq)]
pub struct Sheet {
    pub part: Part,
    pub columns: &'static [Column],
    pub rows: Vec<Vec<Cell>>,
}

impl Sheet {
    /// The table of a part of the answer's `unit`; `None` if the caller may not see it.
    pub fn of(part: Part, unit: &Value) -> Option<Self> {
        let briefing = &unit["briefing"];
        if part.names_units() && briefing["namesUnits"] != true {
            return None;
        }
        let rows = match part {
            Part::Tally => {
                return Some(Self { rows: tally(briefing), ..Self::empty(part) });
            }
            Part::Board => &briefing["board"]["entries"],
            Part::NotStarted | Part::Silent => &briefing[part.name()]["nodes"],
            _ => &briefing[part.name()],
        };
        let row = |row: &Value| {
            let columns = part.columns().iter();
            columns.map(|&column| cell(column, row)).collect::<Vec<_>>()
        };
        let rows = rows.as_array().into_iter().flatten().map(row).collect();
        Some(Self { rows, ..Self::empty(part) })
    }

    fn empty(part: Part) -> Self {
        Self { part, columns: part.columns(), rows: Vec::new() }
    }
}

/// A row of [`Part::Tally`], by the name of its field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TallyRow {
    Tally,
    Before,
    Sum,
    Own,
    Closed,
    Others,
}

impl TallyRow {
    pub const ALL: [Self; 6] =
        [Self::Tally, Self::Before, Self::Sum, Self::Own, Self::Closed, Self::Others];

    /// The name in a CSV file, the same in all languages, for programs.
    pub const fn name(self) -> &'static str {
        self.names().0
    }

    pub fn title(self, language: Language) -> &'static str {
        let (_, english, vietnamese) = self.names();
        language.choose(english, vietnamese)
    }

    const fn names(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Tally => ("tally", "Until", "Đến hết kỳ"),
            Self::Before => ("before", "Before", "Trước kỳ"),
            Self::Sum => ("sum", "Ranked units", "Các đơn vị được xếp hạng"),
            Self::Own => ("own", "The unit itself", "Của chính đơn vị"),
            Self::Closed => ("closed", "Closed units", "Đơn vị ngừng hoạt động"),
            Self::Others => ("others", "Other units", "Đơn vị khác"),
        }
    }

    fn counts(self, briefing: &Value) -> &Value {
        match self {
            Self::Tally | Self::Before => &briefing[self.name()],
            Self::Sum | Self::Own | Self::Closed | Self::Others => &briefing["board"][self.name()],
        }
    }
}

/// The unit itself, now and before, and the parts of the board that add up to its counts.
fn tally(briefing: &Value) -> Vec<Vec<Cell>> {
    let row = |row: TallyRow| {
        let columns = Part::Tally.columns().iter().skip(1);
        let cells = columns.map(|&column| match (row, column) {
            (TallyRow::Tally, Column::Gained) => gained(&briefing["board"]),
            _ => cell(column, row.counts(briefing)),
        });
        [Cell::Text(row.name().to_owned())].into_iter().chain(cells).collect()
    };
    TallyRow::ALL.map(row).into()
}

/// The gain of all parts of a board together.
fn gained(board: &Value) -> Cell {
    let parts = [TallyRow::Sum, TallyRow::Own, TallyRow::Closed, TallyRow::Others];
    let gained = parts.map(|part| board[part.name()]["gained"].as_i64());
    gained.into_iter().sum::<Option<i64>>().map_or(Cell::Empty, Cell::Count)
}

/// A row is an entry of a board, a unit, or an object with the counts themselves.
fn cell(column: Column, row: &Value) -> Cell {
    let counts = if row["tally"].is_object() { &row["tally"] } else { row };
    let unit = if row["unit"].is_object() { &row["unit"] } else { row };
    match column {
        Column::Row => Cell::Empty,
        Column::Rank => count(&row["rank"]),
        Column::PreviousRank => count(&row["previousRank"]),
        Column::Gained => count(&row["gained"]),
        Column::Code => text(&unit["code"]),
        Column::Name => text(&unit["name"]),
        Column::Cluster => text(&unit["cluster"]),
        Column::Submitted => count(&counts["submitted"]),
        Column::Accepted => count(&counts["accepted"]),
        Column::Pending => count(&counts["pending"]),
        Column::Returned => count(&counts["returned"]),
        Column::Rejected => count(&counts["rejected"]),
        Column::BenefitVnd => count(&counts["benefitVnd"]),
        Column::Participants => count(&counts["participants"]),
        Column::ActiveUnions => count(&counts["activeGrassrootsUnions"]),
        Column::Target => count(&counts["target"]),
        Column::Ratio => share(counts["ratio"].as_f64()),
        Column::Excess => share(counts["ratio"].as_f64().map(excess)),
        Column::Coverage => share(counts["coverage"].as_f64()),
        Column::DaysSinceLast => count(&counts["daysSinceLast"]),
        Column::Metric => text(&row["metric"]),
        Column::Origin => text(&row["origin"]),
        Column::Group => text(&row["group"]),
        Column::Field => text(&row["field"]),
        Column::Reached => count(&row["reached"]),
        Column::Goal => count(&row["goal"]),
        Column::Distributed => count(&row["distributed"]),
        Column::Units => count(&row["units"]),
        Column::Met => count(&row["met"]),
        Column::Leaders => {
            let leaders = row["leaders"].as_array().map_or(&[][..], Vec::as_slice);
            Cell::Text(named(leaders))
        }
        Column::From => share(row["from"].as_f64()),
        Column::Below => share(row["below"].as_f64()),
        Column::FromDays => count(&row["fromDays"]),
        Column::ToDays => count(&row["toDays"]),
    }
}

/// The share beyond the target, without the digits that the subtraction adds.
fn excess(ratio: f64) -> f64 {
    ((ratio - 1.0).max(0.0) * 1e12).round() / 1e12
}

/// The names of the first leaders, and how many more there are: a cell holds 32,767 characters. Units that all
/// share the first rank because none has anything yet, or none a target, do not lead.
fn named(leaders: &[Value]) -> String {
    let leaders = leaders.iter().filter(|leader| leader["value"].as_f64() > Some(0.0));
    let names: Vec<&str> = leaders.filter_map(|leader| leader["unit"]["name"].as_str()).collect();
    let mut text = names[..names.len().min(LEADERS_NAMED)].join("; ");
    if names.len() > LEADERS_NAMED {
        text.push_str(&format!("; +{}", names.len() - LEADERS_NAMED));
    }
    text
}

fn count(value: &Value) -> Cell {
    value.as_i64().map_or(Cell::Empty, Cell::Count)
}

fn share(value: Option<f64>) -> Cell {
    value.map_or(Cell::Empty, Cell::Share)
}

fn text(value: &Value) -> Cell {
    value.as_str().map_or(Cell::Empty, |text| Cell::Text(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_cell_names_the_first_leaders_and_counts_the_others() {
        let leaders = |count: usize| -> Vec<Value> {
            (1..=count)
                .map(|it| json!({ "value": 0.5, "unit": { "name": format!("Đơn vị {it}") } }))
                .collect()
        };
        assert_eq!(named(&leaders(0)), "");
        assert_eq!(named(&leaders(2)), "Đơn vị 1; Đơn vị 2");
        assert!(named(&leaders(20)).ends_with("; Đơn vị 20"));
        assert!(named(&leaders(5_000)).ends_with("; Đơn vị 20; +4980"));
        let idle = json!({ "value": 0.0, "unit": { "name": "Đơn vị chưa có sáng kiến" } });
        assert_eq!(named(&[idle.clone(), idle]), "");
    }

    /// The answer is text, and is read again for the files.
    #[test]
    fn a_share_has_all_digits_of_the_answer() {
        for (count, goal) in (1..400).flat_map(|count| (1..60).map(move |goal| (count, goal))) {
            let ratio = (f64::from(count) / f64::from(goal)).to_string();
            let answer: Value = serde_json::from_str(&format!("{{\"ratio\":{ratio}}}")).unwrap();
            let Cell::Share(share) = cell(Column::Ratio, &answer) else { panic!("no ratio") };
            assert_eq!(share.to_string(), ratio, "{count} of {goal}");
        }
    }

    #[test]
    fn an_excess_has_the_digits_of_its_ratio() {
        assert_eq!(cell(Column::Excess, &json!({ "ratio": 2.32316 })), Cell::Share(1.323_16));
        assert_eq!(cell(Column::Excess, &json!({ "ratio": 0.8 })), Cell::Share(0.0));
        assert_eq!(cell(Column::Excess, &json!({ "ratio": null })), Cell::Empty);
    }
}
