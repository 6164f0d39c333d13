//! A briefing as a workbook: a sheet for each part. Numbers are numbers, and texts are never formulas.

use std::borrow::Cow;

use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};
use serde_json::Value;

use super::sheets::{Cell, Column, Part, Sheet, TallyRow};
use crate::auth::Language;
use crate::messages::labels;

/// The widest column, in characters.
const WIDTH_MAX: usize = 60;
const WIDTH_MIN: usize = 9;
/// The numbers of decimals, from 2 on, with which a share may be shown.
const SHARE_DECIMALS: usize = 8;
/// Points: three lines.
const HEAD_HEIGHT: u32 = 45;

/// `unit`: the one of the answer.
pub fn write(unit: &Value, language: Language) -> Result<Vec<u8>, XlsxError> {
    let formats = Formats::default();
    let mut book = Workbook::new();
    let at = unit["briefing"]["board"]["asOf"].as_str().unwrap_or_default();
    // The same briefing is the same file, whenever it is asked for.
    let at = at.get(..19).unwrap_or("2022-01-01T00:00:00");
    book.set_properties(
        &DocProperties::new().set_creation_datetime(&ExcelDateTime::parse_from_str(at)?),
    );
    about(book.add_worksheet(), unit, language, &formats)?;
    for part in Part::ALL {
        if let Some(sheet) = Sheet::of(part, unit) {
            write_sheet(book.add_worksheet(), &sheet, language, &formats)?;
        }
    }
    book.save_to_buffer()
}

struct Formats {
    head: Format,
    name: Format,
    count: Format,
    /// With 2 decimals of a per cent, 3, and so on.
    shares: [Format; SHARE_DECIMALS],
}

impl Default for Formats {
    fn default() -> Self {
        let head = Format::new().set_bold().set_text_wrap().set_border_bottom(FormatBorder::Thin);
        Self {
            head: head.set_align(FormatAlign::Top),
            name: Format::new().set_bold(),
            count: Format::new().set_num_format("#,##0"),
            shares: std::array::from_fn(|place| {
                Format::new().set_num_format(format!("0.{}%", "0".repeat(place + 2)))
            }),
        }
    }
}

/// The sheet that says what the others are about.
fn about(
    sheet: &mut Worksheet,
    unit: &Value,
    language: Language,
    formats: &Formats,
) -> Result<(), XlsxError> {
    let briefing = &unit["briefing"];
    let period = &briefing["period"];
    sheet.set_name(language.choose("Briefing", "Giao ban"))?;
    let figures = briefing["tally"]["figures"].as_str().unwrap_or_default();
    let figures = figures_named(figures, language);
    let said = |value: &Value| Cell::Text(value.as_str().unwrap_or_default().to_owned());
    let counted = |value: &Value| value.as_i64().map_or(Cell::Empty, Cell::Count);
    // The figures of the end of a day are of no change, but of that end.
    let is_live = briefing["tally"]["figures"] == "LIVE";
    let changed = if is_live { said(&briefing["board"]["asOf"]) } else { Cell::Empty };
    let rows = [
        ("Unit", "Đơn vị", said(&unit["name"])),
        ("Code", "Mã", said(&unit["code"])),
        ("Period", "Đợt thi đua", said(&period["name"])),
        ("Since", "Từ ngày", said(&briefing["since"])),
        ("Until", "Đến hết ngày", said(&briefing["until"])),
        ("Figures", "Số liệu", Cell::Text(figures.to_owned())),
        ("Last change", "Thay đổi gần nhất", changed),
        ("Version", "Phiên bản số liệu", counted(&briefing["version"])),
        ("Rank", "Hạng", counted(&briefing["standing"]["rank"])),
        ("Of", "Trên tổng số", counted(&briefing["standing"]["of"])),
        ("Units ranked", "Số đơn vị được xếp hạng", counted(&briefing["board"]["ranked"])),
        (
            "Without initiatives",
            "Chưa có sáng kiến",
            counted(&briefing["notStarted"]["totalCount"]),
        ),
        (
            "Silent for 7 days or more",
            "Đã 7 ngày hoặc hơn không có sáng kiến mới",
            counted(&briefing["silent"]["totalCount"]),
        ),
    ];
    let said_rows = rows.into_iter().filter(|(.., value)| *value != Cell::Empty);
    for ((english, vietnamese, value), row) in said_rows.zip(0..) {
        sheet.write_string_with_format(
            row,
            0,
            language.choose(english, vietnamese),
            &formats.name,
        )?;
        write_cell(sheet, (row, 1), &value, formats)?;
    }
    sheet.set_column_width(0, 42)?;
    sheet.set_column_width(1, 60)?;
    Ok(())
}

fn write_sheet(
    to: &mut Worksheet,
    sheet: &Sheet,
    language: Language,
    formats: &Formats,
) -> Result<(), XlsxError> {
    to.set_name(sheet.part.title(language))?;
    to.set_freeze_panes(1, 0)?;
    // Not every program makes room for a head of several lines.
    to.set_row_height(0, HEAD_HEIGHT)?;
    to.set_landscape();
    to.set_paper_size(9);
    to.set_print_fit_to_pages(1, 0);
    to.set_repeat_rows(0, 0)?;
    for (place, column) in (0u16..).zip(sheet.columns) {
        let title = column.title(language);
        to.write_string_with_format(0, place, title, &formats.head)?;
        let cells = sheet.rows.iter().filter_map(|row| match &row[usize::from(place)] {
            Cell::Text(text) => Some(text.chars().count()),
            _ => None,
        });
        let is_text = matches!(column, Column::Name | Column::Leaders | Column::Row);
        let least = if is_text { 24 } else { WIDTH_MIN };
        let width = cells.max().unwrap_or(0).clamp(least, WIDTH_MAX);
        to.set_column_width(place, u32::try_from(width).unwrap_or(0))?;
    }
    for (number, row) in (1u32..).zip(&sheet.rows) {
        for (place, cell) in (0u16..).zip(row) {
            let cell = named(sheet.part, sheet.columns[usize::from(place)], cell, language);
            write_cell(to, (number, place), &cell, formats)?;
        }
    }
    Ok(())
}

/// A cell for people: values of enumerations, and what a row is of that has none, by their names in the language.
fn named(part: Part, column: Column, cell: &Cell, language: Language) -> Cow<'_, Cell> {
    let unknown = match (part, column) {
        (Part::Bands, Column::From) => Some(("without a target", "chưa giao chỉ tiêu")),
        (Part::Clusters, Column::Cluster) => Some(("in no cluster", "không thuộc cụm nào")),
        _ => None,
    };
    let text = match (cell, unknown) {
        (Cell::Text(text), _) => text,
        (Cell::Empty, Some((english, vietnamese))) => {
            return Cow::Owned(Cell::Text(language.choose(english, vietnamese).to_owned()));
        }
        _ => return Cow::Borrowed(cell),
    };
    if column == Column::Row {
        let row = TallyRow::ALL.into_iter().find(|row| row.name() == text);
        return row.map_or(Cow::Borrowed(cell), |row| {
            Cow::Owned(Cell::Text(row.title(language).to_owned()))
        });
    }
    let name = match column {
        Column::Metric => text.parse().map(labels::of_metric).ok(),
        Column::Origin => text.parse().map(labels::of_origin).ok(),
        Column::Group => text.parse().map(labels::of_author_group).ok(),
        _ => None,
    };
    name.map_or(Cow::Borrowed(cell), |name| {
        Cow::Owned(Cell::Text(labels::in_language(name, language).to_owned()))
    })
}

/// The moment of the figures, for people.
fn figures_named(name: &str, language: Language) -> &str {
    match name {
        "LIVE" => language.choose("of now", "hiện tại"),
        "DAY_END" => language.choose(
            "of the end of the day, in the tree, targets and periods of now",
            "cuối ngày, theo tổ chức, chỉ tiêu và đợt thi đua hiện nay",
        ),
        name => name,
    }
}

/// The number of decimals beyond the second that a share needs. A workbook rounds to the nearest; the page rounds
/// down to tenths, so that 99.96 % does not look like the target. With these decimals both show the same tenth.
fn more_decimals(share: f64) -> usize {
    let tenth = |percent: f64| (percent * 10.0 + 1e-6).floor();
    let is_same = |more: &usize| {
        let scale = 10f64.powi(i32::try_from(more + 2).unwrap_or(i32::MAX));
        tenth((share * 100.0 * scale).round() / scale) <= tenth(share * 100.0)
    };
    (0..SHARE_DECIMALS).find(is_same).unwrap_or(SHARE_DECIMALS - 1)
}

#[expect(clippy::cast_precision_loss, reason = "a workbook has no other numbers")]
fn write_cell(
    to: &mut Worksheet,
    (row, column): (u32, u16),
    cell: &Cell,
    formats: &Formats,
) -> Result<(), XlsxError> {
    match cell {
        Cell::Text(text) => to.write_string(row, column, text)?,
        Cell::Count(count) => {
            to.write_number_with_format(row, column, *count as f64, &formats.count)?
        }
        Cell::Share(share) => {
            let format = &formats.shares[more_decimals(*share)];
            to.write_number_with_format(row, column, *share, format)?
        }
        Cell::Empty => return Ok(()),
    };
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_shows_the_tenth_that_the_page_shows() {
        for (share, shown) in [
            (0.8, "80.00"),
            (0.828_571_428, "82.86"),
            (0.999_6, "99.96"),
            (0.999_96, "99.996"),
            (0.827_98, "82.798"),
            (1.0, "100.00"),
            (0.999_999_99, "99.999999"),
            (8.285_714, "828.57"),
            (0.0, "0.00"),
        ] {
            let decimals = more_decimals(share) + 2;
            assert_eq!(format!("{:.decimals$}", share * 100.0), shown, "{share}");
        }
    }
}
