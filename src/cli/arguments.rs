//! The faults of a command line in Vietnamese. In English clap has the words.

use std::error::Error;
use std::num::{IntErrorKind, ParseIntError};

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::domain::day::BadTime;
use crate::exchange::BadName;

/// A text that is no role.
#[derive(Debug, thiserror::Error)]
#[error("is no role; the roles are {known}")]
pub struct BadRole {
    pub known: String,
}

/// The text of a fault; `None` where the person asked for help or for the version, or the words are not known.
pub fn vietnamese(fault: &clap::Error) -> Option<String> {
    let told = |kind| told(fault, kind);
    let (argument, value) = (told(ContextKind::InvalidArg), told(ContextKind::InvalidValue));
    let text = match fault.kind() {
        ErrorKind::InvalidValue if value.as_deref().is_none_or(str::is_empty) => {
            format!("thiếu giá trị cho {}", argument?)
        }
        ErrorKind::InvalidValue => {
            let valid = told(ContextKind::ValidValue);
            let valid = valid.map(|valid| format!("; các giá trị được nhận: {valid}"));
            let (argument, valid) = (argument?, valid.unwrap_or_default());
            format!("giá trị {:?} không dùng được cho {argument}{valid}", value?)
        }
        ErrorKind::ValueValidation => {
            let why = fault.source().map(|why| format!(": {}", of_parser(why))).unwrap_or_default();
            format!("giá trị {:?} không dùng được cho {}{why}", value?, argument?)
        }
        ErrorKind::UnknownArgument => format!("không có tham số {}", argument?),
        ErrorKind::InvalidSubcommand => {
            format!("không có lệnh {}", told(ContextKind::InvalidSubcommand)?)
        }
        ErrorKind::MissingRequiredArgument => format!("thiếu {}", argument?),
        ErrorKind::ArgumentConflict => match told(ContextKind::PriorArg) {
            Some(prior) if Some(&prior) != argument.as_ref() => {
                format!("không dùng {} cùng với {prior}", argument?)
            }
            _ => format!("{} chỉ được ghi một lần", argument?),
        },
        _ => return None,
    };
    Some(format!("{text}\n\nXem cách dùng: thêm --help (tiếng Anh)"))
}

/// The reason why a value cannot be read.
fn of_parser(why: &(dyn Error + 'static)) -> String {
    if why.is::<BadTime>() {
        return "phải là một ngày, ghi như 2022-05-31".to_owned();
    }
    if let Some(BadRole { known }) = why.downcast_ref() {
        return format!("không phải là vai trò; các vai trò: {known}");
    }
    if let Some(BadName { length, most }) = why.downcast_ref() {
        return match length {
            0 => "không được để trống".to_owned(),
            _ => format!("dài {length} ký tự, được nhiều nhất {most}"),
        };
    }
    if let Some(number) = why.downcast_ref::<ParseIntError>() {
        return match number.kind() {
            IntErrorKind::PosOverflow => "số quá lớn".to_owned(),
            IntErrorKind::NegOverflow => "số quá nhỏ".to_owned(),
            _ => "không phải là số nguyên".to_owned(),
        };
    }
    let text = why.to_string();
    // So clap says that a number is too great or too small.
    match text.split_once(" is not in ").and_then(|(_, range)| range.split_once("..=")) {
        Some((from, to)) => format!("phải là số từ {from} đến {to}"),
        None => text,
    }
}

fn told(fault: &clap::Error, kind: ContextKind) -> Option<String> {
    match fault.get(kind)? {
        ContextValue::String(text) => Some(text.clone()),
        ContextValue::Strings(texts) => Some(texts.join(", ")),
        ContextValue::StyledStr(text) => Some(text.to_string()),
        ContextValue::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
