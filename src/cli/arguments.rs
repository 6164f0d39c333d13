//! The faults of a command line in Vietnamese. In English clap has the words.

use std::error::Error as _;

use clap::error::{ContextKind, ContextValue, ErrorKind};

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
            let why = fault.source().map(|why| format!(": {why}")).unwrap_or_default();
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

fn told(fault: &clap::Error, kind: ContextKind) -> Option<String> {
    match fault.get(kind)? {
        ContextValue::String(text) => Some(text.clone()),
        ContextValue::Strings(texts) => Some(texts.join(", ")),
        ContextValue::StyledStr(text) => Some(text.to_string()),
        ContextValue::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
